// SPDX-License-Identifier: GPL-2.0

//! The entries of `net/sctp/sysctl.c` with our types: a table for each network namespace, and three
//! entries that only the initial one has. Bounds depend on other entries, a text has two choices,
//! and some entries act.
//!
//! C works the limits of memory out of what the machine has and of what a packet takes. Here,
//! parameters say both. Numbers stand for what entries act on: the control socket, and the socket
//! of a tunnel, which here always opens.

use kernel::{
    page::PAGE_SIZE,
    prelude::*, //
};

pub mod net;
pub mod sysctl;

use crate::{
    net::{
        Net,
        NetDir,
        NetSysctl,
        PerNet, //
    },
    sysctl::{
        Bool,
        Int,
        Sysctl,
        Text,
        HZ, //
    },
};

module! {
    type: Module,
    name: "sctp_port",
    authors: ["The Man from Ox"],
    description: "The entries of sctp",
    license: "GPL",
    params: {
        pages: u32 {
            default: 4096,
            description: "How many pages all sockets may use before they have to save",
        },
        packet: u32 {
            default: 577,
            description: "How many bytes a packet of one byte takes",
        },
    },
}

/// Milliseconds.
const DAY: i32 = 24 * 60 * 60 * 1000;
const PORT_MAX: i32 = 65_535;
const RETRANS_MAX: i32 = 65_535;

/// Seconds: what fits into 32 bits, and can be waited for.
const AUTOCLOSE_MAX: usize = {
    let longest = isize::MAX as usize / HZ as usize;
    if longest < u32::MAX as usize {
        longest
    } else {
        u32::MAX as usize
    }
};

/// Probes are not sent more often. Milliseconds.
const PROBE_INTERVAL_MIN: i32 = 5000;

/// What each namespace has.
struct Sctp {
    rto_initial: Int<i32>,
    rto_min: Int<i32>,
    rto_max: Int<i32>,
    rto_alpha_exp_divisor: Int<i32>,
    rto_beta_exp_divisor: Int<i32>,
    max_burst: Int<i32>,
    cookie_preserve_enable: Int<i32>,
    cookie_hmac_alg: Text<6>,
    valid_cookie_life: Int<i32>,
    sack_timeout: Int<i32>,
    hb_interval: Int<i32>,
    association_max_retrans: Int<i32>,
    path_max_retrans: Int<i32>,
    max_init_retransmits: Int<i32>,
    pf_retrans: Int<i32>,
    ps_retrans: Int<i32>,
    sndbuf_policy: Int<i32>,
    rcvbuf_policy: Int<i32>,
    default_auto_asconf: Int<i32>,
    addip_enable: Int<i32>,
    addip_noauth_enable: Int<i32>,
    prsctp_enable: Int<i32>,
    reconf_enable: Int<i32>,
    auth_enable: Int<i32>,
    intl_enable: Int<i32>,
    ecn_enable: Int<i32>,
    plpmtud_probe_interval: Int<i32>,
    udp_port: Int<i32>,
    encap_port: Int<i32>,
    addr_scope_policy: Int<i32>,
    rwnd_update_shift: Int<i32>,
    max_autoclose: Int<usize>,
    #[cfg(CONFIG_NET_L3_MASTER_DEV)]
    l3mdev_accept: Int<i32>,
    pf_enable: Int<i32>,
    pf_expose: Int<i32>,

    /// Whether cookies are signed. Unlike the text, code that must not sleep can read this.
    signs_cookies: Bool,
    /// What the control socket and that of the tunnel have been told.
    authenticates: Int<i32>,
    tunnel: Int<i32>,
}

net::namespaced!(Sctp);

impl NetSysctl for Sctp {
    const PATH: &'static CStr = c"net/sctp";

    fn new(_net: &Net) -> impl PinInit<Self, Error> {
        Ok(Self {
            rto_initial: Int::bounded(3000, 1..=DAY),
            rto_min: Int::bounded(1000, 1..=DAY),
            rto_max: Int::bounded(60_000, 1..=DAY),
            rto_alpha_exp_divisor: Int::bounded(3, 0..=1000),
            rto_beta_exp_divisor: Int::bounded(2, 0..=1000),
            max_burst: Int::bounded(4, 0..=i32::MAX),
            cookie_preserve_enable: Int::new(1),
            cookie_hmac_alg: Text::new(b"sha256"),
            valid_cookie_life: Int::bounded(60_000, 1..=DAY),
            sack_timeout: Int::bounded(200, 1..=500),
            hb_interval: Int::bounded(30_000, 1..=DAY),
            association_max_retrans: Int::bounded(10, 1..=i32::MAX),
            path_max_retrans: Int::bounded(5, 1..=i32::MAX),
            max_init_retransmits: Int::bounded(8, 1..=i32::MAX),
            pf_retrans: Int::bounded(0, 0..=RETRANS_MAX),
            ps_retrans: Int::bounded(RETRANS_MAX, 0..=RETRANS_MAX),
            sndbuf_policy: Int::new(0),
            rcvbuf_policy: Int::new(0),
            default_auto_asconf: Int::new(0),
            addip_enable: Int::new(0),
            addip_noauth_enable: Int::new(0),
            prsctp_enable: Int::new(1),
            reconf_enable: Int::new(0),
            auth_enable: Int::new(0),
            intl_enable: Int::new(0),
            ecn_enable: Int::new(1),
            plpmtud_probe_interval: Int::new(0),
            udp_port: Int::bounded(0, 0..=PORT_MAX),
            encap_port: Int::bounded(0, 0..=PORT_MAX),
            addr_scope_policy: Int::bounded(1, 0..=3),
            rwnd_update_shift: Int::bounded(4, 1..=16),
            max_autoclose: Int::bounded(i32::MAX as usize / HZ as usize, 0..=AUTOCLOSE_MAX),
            #[cfg(CONFIG_NET_L3_MASTER_DEV)]
            l3mdev_accept: Int::bounded(1, 0..=1),
            pf_enable: Int::new(1),
            pf_expose: Int::bounded(0, 0..=2),
            signs_cookies: Bool::new(true),
            authenticates: Int::new(0),
            tunnel: Int::new(0),
        })
    }

    fn entries<'a>(&'a self, dir: &mut NetDir<'a>) -> Result {
        // Neither is set beyond the other one.
        dir.read_write(c"rto_min", &self.rto_min)?
            .validate(|new| require(*new <= self.rto_max.get()))?;
        dir.read_write(c"rto_max", &self.rto_max)?
            .validate(|new| require(*new >= self.rto_min.get()))?;
        dir.read_write(c"pf_retrans", &self.pf_retrans)?
            .validate(|new| require(*new <= self.ps_retrans.get()))?;
        dir.read_write(c"ps_retrans", &self.ps_retrans)?
            .validate(|new| require(*new >= self.pf_retrans.get()))?;

        dir.read_write(c"rto_alpha_exp_divisor", &self.rto_alpha_exp_divisor)?
            .on_write(|_, _| warn_of_estimations())?;
        dir.read_write(c"rto_beta_exp_divisor", &self.rto_beta_exp_divisor)?
            .on_write(|_, _| warn_of_estimations())?;
        dir.read_write(c"cookie_hmac_alg", &self.cookie_hmac_alg)?
            .validate(|new| require(matches!(&**new, b"sha256" | b"none")))?
            .on_write(|_, new| self.signs_cookies.set(**new == *b"sha256"))?;
        dir.read_write(c"auth_enable", &self.auth_enable)?
            .on_write(|_, new| self.authenticates.set(*new))?;
        dir.read_write(c"udp_port", &self.udp_port)?
            .on_write(|_, new| self.tunnel.set(*new))?;
        dir.read_write(c"plpmtud_probe_interval", &self.plpmtud_probe_interval)?
            .validate(|new| require(*new == 0 || *new >= PROBE_INTERVAL_MIN))?;

        for (name, number) in [
            (c"rto_initial", &self.rto_initial),
            (c"max_burst", &self.max_burst),
            (c"cookie_preserve_enable", &self.cookie_preserve_enable),
            (c"valid_cookie_life", &self.valid_cookie_life),
            (c"sack_timeout", &self.sack_timeout),
            (c"hb_interval", &self.hb_interval),
            (c"association_max_retrans", &self.association_max_retrans),
            (c"path_max_retrans", &self.path_max_retrans),
            (c"max_init_retransmits", &self.max_init_retransmits),
            (c"sndbuf_policy", &self.sndbuf_policy),
            (c"rcvbuf_policy", &self.rcvbuf_policy),
            (c"default_auto_asconf", &self.default_auto_asconf),
            (c"addip_enable", &self.addip_enable),
            (c"addip_noauth_enable", &self.addip_noauth_enable),
            (c"prsctp_enable", &self.prsctp_enable),
            (c"reconf_enable", &self.reconf_enable),
            (c"intl_enable", &self.intl_enable),
            (c"ecn_enable", &self.ecn_enable),
            (c"encap_port", &self.encap_port),
            (c"addr_scope_policy", &self.addr_scope_policy),
            (c"rwnd_update_shift", &self.rwnd_update_shift),
            #[cfg(CONFIG_NET_L3_MASTER_DEV)]
            (c"l3mdev_accept", &self.l3mdev_accept),
            (c"pf_enable", &self.pf_enable),
            (c"pf_expose", &self.pf_expose),
        ] {
            dir.read_write(name, number)?;
        }
        dir.read_write(c"max_autoclose", &self.max_autoclose)
            .map(drop)
    }
}

fn require(is_so: bool) -> Result {
    if is_so {
        Ok(())
    } else {
        Err(EINVAL)
    }
}

/// Warns, but only the first time.
fn warn_of_estimations() {
    static HAS_WARNED: Bool = Bool::new(false);
    if !HAS_WARNED.get() {
        HAS_WARNED.set(true);
        pr_warn!("Changing rto_alpha or rto_beta may lead to suboptimal rtt/srtt estimations!\n");
    }
}

/// What all sockets may take, in pages, and what each of them may: the least that there is, from
/// where on they have to save, and the greatest.
struct Limits {
    mem: Int<[usize; 3]>,
    rmem: Int<[i32; 3]>,
    wmem: Int<[i32; 3]>,
}

impl Limits {
    fn new() -> Self {
        let pages = module_parameters::pages.value() as usize;
        let least = (pages / 4).saturating_mul(3);
        // A socket gets no more than 1/128 of what all may take.
        let share = pages.saturating_mul(PAGE_SIZE / 128).min(4 << 20) as i32;
        let packet = module_parameters::packet.value().min(1 << 20) as i32;
        let receive = packet.saturating_mul(1500);
        Self {
            mem: Int::new([least, pages, least.saturating_mul(2)]),
            rmem: Int::new([PAGE_SIZE as i32, receive, receive.max(share)]),
            wmem: Int::new([PAGE_SIZE as i32, 16 << 10, share.max(64 << 10)]),
        }
    }

    fn add<'a>(&'a self, dir: &mut NetDir<'a>) -> Result {
        dir.read_write(c"sctp_mem", &self.mem)?;
        dir.read_write(c"sctp_rmem", &self.rmem)?;
        dir.read_write(c"sctp_wmem", &self.wmem)?;
        Ok(())
    }
}

#[pin_data(PinnedDrop)]
struct Module {
    sctp: PerNet<Sctp>,
    #[pin]
    limits: Sysctl<Limits>,
}

impl kernel::InPlaceModule for Module {
    fn init(module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            sctp: PerNet::register(module)?,
            limits <- Sysctl::dir_in(Net::initial(), Sctp::PATH, Limits::new(), Limits::add),
        })
    }
}

#[pinned_drop]
impl PinnedDrop for Module {
    fn drop(self: Pin<&mut Self>) {
        if let Some(sctp) = self.sctp.get(Net::initial()) {
            pr_info!(
                "signs cookies: {}, authenticates: {}, tunnel: {}\n",
                sctp.signs_cookies.get(),
                sctp.authenticates.get(),
                sctp.tunnel.get()
            );
        }
    }
}
