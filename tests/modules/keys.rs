// SPDX-License-Identifier: GPL-2.0

//! All that `module!` takes, and initializers with code between their fields. Every kernel must do the same with
//! it, also those whose own crate has less.

use kernel::prelude::*;

module! {
    type: Module,
    name: "keys",
    authors: ["The Man from Ox", "The Man from Elsewhere"],
    description: "Every key of module!",
    license: "GPL",
    alias: ["first_alias", "second_alias"],
    firmware: ["first.bin", "second.bin"],
    imports_ns: ["FIRST", "SECOND"],
    params: {
        number: i64 {
            default: 1,
            description: "A number",
        },
        small: u8 {
            default: 0x10,
            description: "A small number",
        },
        switch: bool {
            default: false,
            description: "A switch",
        },
    },
}

#[pin_data(PinnedDrop)]
struct Module {
    first: i64,
    second: KBox<i64>,
    #[pin]
    inner: Inner,
    last: i64,
}

#[pin_data]
struct Inner {
    a: i64,
    b: i64,
    c: i64,
    d: i64,
    e: i64,
    f: i64,
    g: i64,
    h: i64,
}

impl Inner {
    /// More tokens than a macro that takes one step for each may have steps.
    fn new(start: i64) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            a: start
                .wrapping_add(1)
                .wrapping_mul(2)
                .wrapping_sub(start)
                .wrapping_add(100),
            b: start
                .wrapping_add(2)
                .wrapping_mul(2)
                .wrapping_sub(start)
                .wrapping_add(200),
            c: start
                .wrapping_add(3)
                .wrapping_mul(2)
                .wrapping_sub(start)
                .wrapping_add(300),
            d: start
                .wrapping_add(4)
                .wrapping_mul(2)
                .wrapping_sub(start)
                .wrapping_add(400),
            e: start
                .wrapping_add(5)
                .wrapping_mul(2)
                .wrapping_sub(start)
                .wrapping_add(500),
            f: start
                .wrapping_add(6)
                .wrapping_mul(2)
                .wrapping_sub(start)
                .wrapping_add(600),
            g: start
                .wrapping_add(7)
                .wrapping_mul(2)
                .wrapping_sub(start)
                .wrapping_add(700),
            h: start
                .wrapping_add(8)
                .wrapping_mul(2)
                .wrapping_sub(start)
                .wrapping_add(800),
        })
    }

    fn sum(&self) -> i64 {
        let all = [
            self.a, self.b, self.c, self.d, self.e, self.f, self.g, self.h,
        ];
        all.iter().fold(0, |sum, value| sum.wrapping_add(*value))
    }
}

impl kernel::InPlaceModule for Module {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        let number = *module_parameters::number.value_ref();
        try_pin_init!(Self {
            _: { pr_info!("number {number}, small {}\n", module_parameters::small.value()) },
            first: number,
            second: KBox::new(*first, GFP_KERNEL)?,
            _: {
                if number < 0 {
                    pr_info!("refused\n");
                    return Err(EDOM);
                }
                KBox::new([0u8; 16], GFP_KERNEL)?;
            },
            inner <- Inner::new(number),
            last: 3,
            _: {
                *last = last.wrapping_add(**second);
                pr_info!("switch {}", module_parameters::switch.value());
                kernel::pr_cont!(", continued\n");
            },
        })
    }
}

#[pinned_drop]
impl PinnedDrop for Module {
    fn drop(self: Pin<&mut Self>) {
        pr_info!("{} {} {}\n", self.first, self.inner.sum(), self.last);
    }
}
