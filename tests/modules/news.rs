// SPDX-License-Identifier: GPL-2.0

//! Entries that announce their changes: of each kind of storage, with checks and actions, and one that only the
//! module changes.

use kernel::{
    prelude::*,
    sync::Arc, //
};

pub mod sysctl;

use crate::sysctl::{
    words_for,
    Bits,
    Bool,
    Int,
    Sysctl,
    Text, //
};

module! {
    type: Module,
    name: "news",
    authors: ["The Man from Ox"],
    description: "Entries that announce their changes",
    license: "GPL",
}

#[pin_data]
struct Module {
    #[pin]
    _news: Sysctl<News>,
}

struct News {
    bit: Bool,
    quiet: Bool,
    pair: Int<[i32; 2]>,
    word: Text<300>,
    bits: Bits<{ words_for(100) }>,
    even: Int<i32>,
    set_state: Int<i32>,
}

impl kernel::InPlaceModule for Module {
    fn init(module: &'static ThisModule) -> impl PinInit<Self, Error> {
        let news = News {
            bit: Bool::new(false),
            quiet: Bool::new(false),
            pair: Int::new([1, 2]),
            word: Text::new(b"word"),
            bits: Bits::new(100),
            even: Int::new(0),
            set_state: Int::new(0),
        };
        try_pin_init!(Self {
            _news <- Sysctl::dir(c"news", news, |news, dir| {
                dir.read_write(c"bit", &news.bit)?.announce(module, c"NEWS_BIT")?;
                dir.read_write(c"quiet", &news.quiet)?.announce(module, c"NEWS_QUIET")?;
                let pair = dir.read_write(c"pair", &news.pair)?.announce(module, c"NEWS_PAIR")?;
                let pair = pair.changes();
                dir.read_write(c"word", &news.word)?.announce(module, c"NEWS_WORD")?;
                dir.read_write(c"bits", &news.bits)?.announce(module, c"NEWS_BITS")?;
                let key = dir.read_write(c"key", &news.quiet)?.announce(module, c"news").is_err();
                let again = dir.read_write(c"again", &news.quiet)?.announce(module, c"NEWS_AGAIN")?;
                let again = again.announce(module, c"NEWS_TWICE").is_err();
                pr_info!("refused: {key}, {again}\n");
                dir.read_write(c"even", &news.even)?
                    .validate(|new| if new % 2 == 0 { Ok(()) } else { Err(EINVAL) })?
                    .announce(module, c"NEWS_EVEN")?
                    .on_write(|old, new| pr_info!("even: {old}, {new}\n"))?;

                let state = Sysctl::dir(c"news/own", Int::new(0), |state, dir| {
                    dir.read_only(c"state", state)?.announce(module, c"NEWS_STATE")?;
                    dir.read_only(c"silent", state)?;
                    Ok(())
                });
                let state: Arc<Sysctl<Int<i32>>> = Arc::pin_init(state, GFP_KERNEL)?;
                dir.read_write(c"set_state", &news.set_state)?
                    .on_write(move |_, new| {
                        state.set(*new);
                        news.pair.set([*new, *new]);
                        pair.notify();
                        let silent = state.notify(c"silent").is_err();
                        let missing = state.notify(c"missing").is_err();
                        let notified = state.notify(c"state").is_ok();
                        pr_info!("state: {new}, {notified}, {silent}, {missing}\n");
                    })
            }),
        })
    }
}
