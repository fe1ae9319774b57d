// SPDX-License-Identifier: GPL-2.0

//! Parameters of modules, which `module!` declares with its key `params`.
//!
//! C header: `include/linux/moduleparam.h`

use core::{
    cell::UnsafeCell,
    ffi::CStr, //
};
use real::{
    bindings,
    error::{
        code::*,
        to_result,
        Result, //
    },
    ffi::{
        c_char,
        c_int,
        c_void, //
    },
};

/// A type that a parameter can have.
pub trait ModuleParam: Copy {
    /// Returns the value that `text` spells.
    ///
    /// # Errors
    ///
    /// EINVAL if it spells none.
    fn parse(text: &CStr) -> Result<Self>;
}

/// Returns the number that `text` spells, as C's `kstrtol()` with any base, and with `0o` and `0b` as well.
///
/// It is written so that it cannot panic, as all of it gets into the module.
fn parse_number(text: &[u8]) -> Option<i128> {
    let (is_negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    let (radix, digits) = match digits {
        [b'0', b'x' | b'X', digits @ ..] => (16, digits),
        [b'0', b'o' | b'O', digits @ ..] => (8, digits),
        [b'0', b'b' | b'B', digits @ ..] => (2, digits),
        [b'0', _, ..] => (8, digits),
        _ => (10, digits),
    };
    if digits.is_empty() {
        return None;
    }
    let mut number = 0u64;
    for byte in digits {
        let digit = match byte {
            b'0'..=b'9' => byte.wrapping_sub(b'0'),
            b'a'..=b'f' => byte.wrapping_sub(b'a').wrapping_add(10),
            b'A'..=b'F' => byte.wrapping_sub(b'A').wrapping_add(10),
            _ => return None,
        };
        if digit >= radix {
            return None;
        }
        number = number
            .checked_mul(radix.into())?
            .checked_add(digit.into())?;
    }
    let number = i128::from(number);
    Some(if is_negative {
        number.wrapping_neg()
    } else {
        number
    })
}

macro_rules! impl_module_param {
    ($($type:ident)*) => {$(
        impl ModuleParam for $type {
            fn parse(text: &CStr) -> Result<Self> {
                let number = parse_number(text.to_bytes()).ok_or(EINVAL)?;
                number.try_into().map_err(|_| EINVAL)
            }
        }
    )*};
}

impl_module_param! { i8 u8 i16 u16 i32 u32 i64 u64 isize usize }

impl ModuleParam for bool {
    /// As C's `kstrtobool()`.
    fn parse(text: &CStr) -> Result<Self> {
        let mut value = false;
        // SAFETY: `text` is NUL-terminated, and `value` is valid for writes.
        to_result(unsafe { bindings::kstrtobool(text.as_ptr().cast(), &mut value) })?;
        Ok(value)
    }
}

/// A parameter of the module: what it was loaded with, or its default.
///
/// # Invariants
///
/// `value` changes only while the module is being loaded, before any of its code runs.
pub struct ModuleParamAccess<T> {
    value: UnsafeCell<Option<T>>,
    default: T,
}

// SAFETY: By the type invariants, the value is only shared once the module runs.
unsafe impl<T: Sync> Sync for ModuleParamAccess<T> {}

impl<T: Copy> ModuleParamAccess<T> {
    #[doc(hidden)]
    pub const fn new(default: T) -> Self {
        Self {
            value: UnsafeCell::new(None),
            default,
        }
    }

    /// Returns the value.
    pub fn value(&self) -> T {
        *self.value_ref()
    }

    /// Returns a reference to the value.
    pub fn value_ref(&self) -> &T {
        // SAFETY: By the type invariants, nothing changes it any more.
        unsafe { &*self.value.get() }
            .as_ref()
            .unwrap_or(&self.default)
    }
}

/// What the kernel finds in the section `__param`.
#[doc(hidden)]
#[repr(transparent)]
pub struct KernelParam(bindings::kernel_param);

// SAFETY: Only C uses it, one task at a time.
unsafe impl Sync for KernelParam {}

impl KernelParam {
    /// Describes the parameter `name`. It does not appear in sysfs.
    ///
    /// # Safety
    ///
    /// `module` must be the module's own `__this_module`.
    pub const unsafe fn new<T: ModuleParam>(
        name: &'static CStr,
        module: *mut bindings::module,
        ops: &'static bindings::kernel_param_ops,
        access: &'static ModuleParamAccess<T>,
    ) -> Self {
        Self(bindings::kernel_param {
            name: name.as_ptr().cast(),
            mod_: module,
            ops,
            perm: 0,
            level: -1,
            flags: 0,
            __bindgen_anon_1: bindings::kernel_param__bindgen_ty_1 {
                arg: core::ptr::from_ref(access).cast_mut().cast::<c_void>(),
            },
        })
    }
}

/// How C sets a parameter of type `T`.
#[doc(hidden)]
pub const fn ops<T: ModuleParam>() -> bindings::kernel_param_ops {
    bindings::kernel_param_ops {
        flags: 0,
        set: Some(set::<T>),
        get: None,
        free: None,
    }
}

/// C's `kernel_param_ops.set`.
///
/// # Safety
///
/// - `text` must be null or NUL-terminated.
/// - `param` must be a [`KernelParam`] for a `T`, of a module that is being loaded.
unsafe extern "C" fn set<T: ModuleParam>(
    text: *const c_char,
    param: *const bindings::kernel_param,
) -> c_int {
    if text.is_null() {
        return EINVAL.to_errno();
    }
    // SAFETY: By the safety requirements, `text` is NUL-terminated.
    let text = unsafe { CStr::from_ptr(text.cast()) };
    // SAFETY: By the safety requirements, `arg` points to a static `ModuleParamAccess<T>`, and no code of the module
    // runs yet.
    let slot = unsafe {
        let access = (*param).__bindgen_anon_1.arg.cast::<ModuleParamAccess<T>>();
        &mut *(*access).value.get()
    };
    if slot.is_some() {
        return EEXIST.to_errno();
    }
    match T::parse(text) {
        Ok(value) => {
            *slot = Some(value);
            0
        }
        Err(error) => error.to_errno(),
    }
}

/// Makes a static of each parameter, and what the kernel and `modinfo` know of it.
#[doc(hidden)]
#[macro_export]
macro_rules! __module_params {
    ($(
        $name:ident: $type:ident {
            default: $default:expr,
            description: $description:literal $(,)?
        }
    ),* $(,)?) => {$(
        #[allow(non_upper_case_globals)]
        pub(crate) static $name: $crate::module_param::ModuleParamAccess<$type> =
            $crate::module_param::ModuleParamAccess::new($default);

        const _: () = {
            static OPS: $crate::bindings::kernel_param_ops = $crate::module_param::ops::<$type>();

            extern "C" {
                static __this_module: $crate::types::Opaque<$crate::bindings::module>;
            }

            #[link_section = "__param"]
            #[used(compiler)]
            static PARAM: $crate::module_param::KernelParam =
                // SAFETY: `__this_module` is the module's own.
                unsafe {
                    $crate::module_param::KernelParam::new(
                        match ::core::ffi::CStr::from_bytes_with_nul(
                            ::core::concat!(::core::stringify!($name), "\0").as_bytes()
                        ) {
                            Ok(name) => name,
                            Err(_) => ::core::unreachable!(),
                        },
                        __this_module.get(),
                        &OPS,
                        &$name,
                    )
                };
        };

        $crate::__modinfo!("parmtype=", ::core::stringify!($name), ":", ::core::stringify!($type));
        $crate::__modinfo!("parm=", ::core::stringify!($name), ":", $description);
    )*};
}
