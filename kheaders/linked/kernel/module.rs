// SPDX-License-Identifier: GPL-2.0

//! The module itself.

use core::pin::Pin;
use real::{
    alloc::{
        flags::GFP_KERNEL,
        KBox, //
    },
    error::{
        Error,
        Result, //
    },
    init::{
        pin_init_from_closure,
        InPlaceInit,
        PinInit, //
    },
    Module,
    ThisModule, //
};

/// A module that is initialized in place.
pub trait InPlaceModule: Sync + Send {
    /// Initializes the module.
    ///
    /// It is called when the module is loaded, as what C names by `module_init()`.
    fn init(module: &'static ThisModule) -> impl PinInit<Self, Error>;
}

impl<T: Module> InPlaceModule for T {
    fn init(module: &'static ThisModule) -> impl PinInit<Self, Error> {
        let init = move |slot: *mut Self| {
            let value = <Self as Module>::init(module)?;
            // SAFETY: `slot` is valid for writes.
            unsafe { slot.write(value) };
            Ok(())
        };
        // SAFETY: The closure initializes the value unless it fails.
        unsafe { pin_init_from_closure(init) }
    }
}

/// What the older `module!` gets as the module. That macro moves the module, so this is a pointer to it.
#[doc(hidden)]
pub struct InPlace<T>(#[allow(dead_code)] Pin<KBox<T>>);

impl<T: InPlaceModule> Module for InPlace<T> {
    fn init(module: &'static ThisModule) -> Result<Self> {
        let module = KBox::try_pin_init::<Error>(T::init(module), GFP_KERNEL)?;
        Ok(Self(module))
    }
}

/// Declares the module.
///
/// It takes the keys of Linux 7.3 in their order. The older macro takes those that it has, and one author.
#[macro_export]
macro_rules! module {
    (
        type: $type:ty,
        name: $name:tt,
        $(authors: [$($author:tt),* $(,)?],)?
        $(description: $description:tt,)?
        license: $license:tt,
        $(alias: [$($alias:tt),* $(,)?],)?
        $(firmware: [$($firmware:tt),* $(,)?],)?
        $(imports_ns: [$($namespace:tt),* $(,)?],)?
        $(params: {$($params:tt)*} $(,)?)?
    ) => {
        type LocalModule = $crate::InPlace<$type>;

        $crate::real::macros::module! {
            type: LocalModule,
            name: $name,
            $(description: $description,)?
            license: $license,
            $(alias: [$($alias),*],)?
            $(firmware: [$($firmware),*],)?
        }

        $($($crate::__modinfo!("author=", $author);)*)?
        $($($crate::__modinfo!("import_ns=", $namespace);)*)?

        mod module_parameters {
            #[allow(unused_imports)]
            use super::*;
            $($crate::__module_params!($($params)*);)?
        }
    };
}

/// Writes a line of what `modinfo` shows.
#[doc(hidden)]
#[macro_export]
macro_rules! __modinfo {
    ($($text:expr),*) => {
        const _: () = {
            const TEXT: &[u8] = ::core::concat!($($text,)* "\0").as_bytes();

            #[link_section = ".modinfo"]
            #[used(compiler)]
            static LINE: [u8; TEXT.len()] = match TEXT.first_chunk() {
                Some(line) => *line,
                None => ::core::unreachable!(),
            };
        };
    };
}
