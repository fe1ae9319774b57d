// SPDX-License-Identifier: GPL-2.0

//! KUnit tests: text handling, and entries that are used as user space does.
//!
//! KUnit runs each test in a kernel thread, which sees no files, and before anybody mounts proc. So
//! each test of the second suite has its thread see what user space will see, mounts proc there,
//! opens files, and has the kernel read and write them: the calls come to the handlers by
//! `proc_sys_call_handler()`.

use crate::prelude::*;

#[kunit_tests(rust_sysctl_text)]
mod text {
    use super::super::{
        line::{
            Line,
            TooLong,
            Written, //
        },
        list::{
            parse_list,
            print_list,
            words_for, //
        },
        number::{
            parse_values,
            print_value,
            print_values,
            take_integer,
            Integer,
            Plain, //
        },
        text::{
            is_name,
            is_path, //
        },
        WRITE_MAX, //
    };
    use crate::prelude::*;

    /// Returns the number that a write to a scalar stores, and how many bytes it consumes.
    fn one<T: Integer>(data: &[u8]) -> Option<(T, usize)> {
        let mut values = [T::MAX];
        let (_, consumed) = parse_values(data, &mut values, take_integer::<T, Plain>)?;
        let [value] = values;
        Some((value, consumed))
    }

    /// Returns what a write to three numbers leaves of 7, 8 and 9, and how many bytes it consumes.
    fn three(data: &[u8]) -> Option<([i32; 3], usize)> {
        let mut values = [7, 8, 9];
        let (_, consumed) = parse_values(data, &mut values, take_integer::<i32, Plain>)?;
        Some((values, consumed))
    }

    #[test]
    fn a_number_is_taken_as_proc_get_long_takes_it() {
        assert_eq!(one::<i32>(b"60\n"), Some((60, 3)));
        assert_eq!(one::<i32>(b" \t\n\x0b\x0c\r\xa060"), Some((60, 9)));
        assert_eq!(one::<i32>(b"-5"), Some((-5, 2)));
        assert_eq!(one::<i32>(b"0x1F"), Some((31, 4)));
        assert_eq!(one::<i32>(b"017"), Some((15, 3)));
        assert_eq!(one::<i32>(b"00000000000000000001"), Some((1, 20)));
        assert_eq!(one::<i32>(b"3 abc"), Some((3, 2)));
        assert_eq!(one::<i32>(b"1\t2\n"), Some((1, 2)));
        assert_eq!(one::<i32>(b"2147483647"), Some((i32::MAX, 10)));
        assert_eq!(one::<i32>(b"-2147483648"), Some((i32::MIN, 11)));
        assert_eq!(one::<u64>(b"18446744073709551615"), Some((u64::MAX, 20)));
        assert_eq!(one::<u8>(b"255"), Some((255, 3)));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        assert_eq!(one::<i32>(b"\n"), None);
        assert_eq!(one::<i32>(b" "), None);
        assert_eq!(one::<i32>(b"+5"), None);
        assert_eq!(one::<i32>(b"-"), None);
        assert_eq!(one::<i32>(b"--5"), None);
        assert_eq!(one::<i32>(b"- 5"), None);
        assert_eq!(one::<i32>(b"08"), None);
        assert_eq!(one::<i32>(b"0x"), None);
        assert_eq!(one::<i32>(b"0b1"), None);
        assert_eq!(one::<i32>(b"1.5"), None);
        assert_eq!(one::<i32>(b"7,8"), None);
        assert_eq!(one::<i32>(b"4abc"), None);
        assert_eq!(one::<i32>(b"5\0"), None);
        assert_eq!(one::<i32>(b"6\r\n"), None);
        assert_eq!(one::<i32>(b"000000000000000000001"), None);
    }

    #[test]
    fn a_number_out_of_its_type_is_refused() {
        assert_eq!(one::<i32>(b"2147483648"), None);
        assert_eq!(one::<i32>(b"-2147483649"), None);
        assert_eq!(one::<u8>(b"256"), None);
        assert_eq!(one::<u32>(b"-5"), None);
        assert_eq!(one::<u32>(b"-0"), None);
        assert_eq!(one::<u64>(b"18446744073709551616"), None);
    }

    #[test]
    fn several_numbers_are_taken() {
        assert_eq!(three(b"1 2\t3\n"), Some(([1, 2, 3], 6)));
        assert_eq!(three(b"1 2"), Some(([1, 2, 9], 3)));
        assert_eq!(three(b"1 2 3 4"), Some(([1, 2, 3], 6)));
        assert_eq!(three(b"1 2 x"), None);
    }

    #[test]
    fn only_a_page_is_looked_at() -> Result {
        let mut data = KVec::from_elem(b' ', WRITE_MAX + 1, GFP_KERNEL)?;
        if let Some(last) = data.last_mut() {
            *last = b'7';
        }
        assert_eq!(one::<i32>(&data), None);
        if let Some(first) = data.first_mut() {
            *first = b'7';
        }
        assert_eq!(one::<i32>(&data), Some((7, WRITE_MAX + 1)));
        Ok(())
    }

    #[test]
    fn numbers_are_printed_as_far_as_they_fit() {
        let mut data = [0; 32];
        assert_eq!(print_value(-60, &mut data), 4);
        assert_eq!(data[..4], *b"-60\n");
        let length = print_values::<u64, Plain>([0, 99, u64::MAX].into_iter(), &mut data);
        assert_eq!(data[..length], *b"0\t99\t18446744073709551615\n");
        let mut short = [0; 2];
        assert_eq!(print_value(123, &mut short), 2);
        assert_eq!(short, *b"12");
    }

    #[test]
    fn a_line_is_written_in_pieces() {
        let stored = |has_changed| Written::Stored { has_changed };
        let mut line = Line::<7>::of(b"word\nrest");
        assert_eq!(*line, *b"word");
        assert_eq!(line.write(b"s\n", 4, TooLong::Cut), stored(true));
        assert_eq!(*line, *b"words");
        assert_eq!(line.write(b"words", 0, TooLong::Cut), stored(false));
        assert_eq!(line.write(b"x", 6, TooLong::Cut), Written::Ignored);
        assert_eq!(
            line.write(b"too long", 0, TooLong::Refuse),
            Written::Refused
        );
        assert_eq!(*line, *b"words");
        assert_eq!(line.write(b"too long", 0, TooLong::Cut), stored(true));
        assert_eq!(*line, *b"too lon");
        assert_eq!(line.write(b" a\0b", 0, TooLong::Cut), stored(true));
        assert_eq!(*line, *b" a");
        let mut data = [0; 8];
        assert_eq!(line.read(&mut data, 0), 3);
        assert_eq!(data[..3], *b" a\n");
        assert_eq!(line.read(&mut data, 2), 1);
        assert_eq!(line.read(&mut data, 3), 0);
    }

    #[test]
    fn a_list_sets_bits() {
        let mut words = [0; words_for(128)];
        assert_eq!(parse_list(b"1,3-5,127\n", 128, Some(&mut words)), Some(10));
        assert_eq!(words[0], 0b11_1010);
        let mut data = [0; 32];
        let length = print_list(&words, 128, &mut data);
        assert_eq!(data[..length], *b"1,3-5,127\n");
        assert_eq!(print_list(&[0], 64, &mut data), 1);
    }

    #[test]
    fn what_is_no_list_is_refused() {
        assert_eq!(parse_list(b"\n", 8, None), Some(1));
        assert_eq!(parse_list(b"1,\n", 8, None), Some(3));
        assert_eq!(parse_list(b"1,,2", 8, None), None);
        assert_eq!(parse_list(b" 1", 8, None), None);
        assert_eq!(parse_list(b"5-3", 8, None), None);
        assert_eq!(parse_list(b"-1", 8, None), None);
        assert_eq!(parse_list(b"8", 8, None), None);
        assert_eq!(parse_list(b"1-8", 8, None), None);
    }

    #[test]
    fn names_and_paths_are_checked() {
        let long = [b'n'; 256];
        assert!(is_name(b"name\0"));
        assert!(is_name(&long[..255]));
        assert!(!is_name(&long));
        assert!(!is_name(b"\0"));
        assert!(!is_name(b".name\0"));
        assert!(!is_name(b"a/b\0"));
        assert!(is_path(b"a/b\0"));
        assert!(!is_path(b"a//b\0"));
        assert!(!is_path(b"/a\0"));
        assert!(!is_path(b"a/\0"));
        assert!(!is_path(b"a/../b\0"));
    }
}

#[kunit_tests(rust_sysctl)]
mod entries {
    use super::super::{
        words_for,
        Bits,
        Bool,
        Int,
        Milliseconds,
        Sysctl,
        Text, //
    };
    use crate::{
        bindings,
        error::{
            from_err_ptr,
            to_result, //
        },
        prelude::*, //
    };

    /// An open file.
    struct File(*mut bindings::file);

    impl File {
        fn open(path: &CStr, flags: u32) -> Result<Self> {
            // SAFETY: `path` is NUL-terminated.
            let file = unsafe { bindings::filp_open(path.as_char_ptr(), flags as c_int, 0) };
            Ok(Self(from_err_ptr(file)?))
        }

        /// Reads at `offset`, and moves it. Returns what has been read.
        fn read<'a>(&self, data: &'a mut [u8], offset: &mut i64) -> Result<&'a [u8]> {
            // SAFETY: The file is open, and `data` and `offset` are valid.
            let read = unsafe {
                bindings::kernel_read(self.0, data.as_mut_ptr().cast(), data.len(), offset)
            };
            to_result(read as c_int)?;
            data.get(..read as usize).ok_or(EIO)
        }

        /// Writes at `offset`, and moves it. Returns how many bytes have been written.
        fn write(&self, data: &[u8], offset: &mut i64) -> Result<usize> {
            // SAFETY: The file is open, and `data` and `offset` are valid.
            let written =
                unsafe { bindings::kernel_write(self.0, data.as_ptr().cast(), data.len(), offset) };
            to_result(written as c_int)?;
            Ok(written as usize)
        }

        /// Asks as `poll()` does.
        fn poll(&self) -> u32 {
            // SAFETY: The file is open, and its operations are there as long.
            unsafe {
                (*(*self.0).f_op)
                    .poll
                    .map_or(0, |poll| poll(self.0, core::ptr::null_mut()))
            }
        }
    }

    impl Drop for File {
        fn drop(&mut self) {
            // SAFETY: `filp_open()` returned this reference, and nothing else uses it.
            unsafe { bindings::fput(self.0) };
        }
    }

    /// Has this task see the files that user space will see, and `/proc` among them.
    struct Proc {
        /// What the task sees otherwise: a kernel thread sees nothing.
        former: *mut bindings::fs_struct,
        /// What this has mounted.
        mounted: Option<bindings::path>,
    }

    // In some configurations, a structure that these lead to has no fields.
    #[allow(improper_ctypes)]
    extern "C" {
        // `include/linux/fs_struct.h`
        static userspace_init_fs: *mut bindings::fs_struct;

        // `include/linux/namei.h`
        fn start_creating_path(
            dfd: c_int,
            name: *const c_char,
            path: *mut bindings::path,
            flags: c_uint,
        ) -> *mut bindings::dentry;
        fn end_creating_path(path: *const bindings::path, dentry: *mut bindings::dentry);
        fn kern_path(name: *const c_char, flags: c_uint, path: *mut bindings::path) -> c_int;

        // `fs/internal.h`
        fn path_mount(
            device: *const c_char,
            path: *const bindings::path,
            kind: *const c_char,
            flags: c_ulong,
            data: *mut c_void,
        ) -> c_int;
        fn path_umount(path: *const bindings::path, flags: c_int) -> c_int;
    }

    impl Proc {
        /// Whether this task sees `/proc/sys`.
        fn is_seen() -> bool {
            File::open(c"/proc/sys", bindings::O_RDONLY).is_ok()
        }

        fn mount() -> Result<Self> {
            // SAFETY: This is what `scoped_with_init_fs()` does for a kernel thread. KUnit runs
            // each test in one.
            let former = unsafe {
                let task = bindings::get_current();
                let former = (*task).fs;
                (*task).fs = userspace_init_fs;
                former
            };
            let mut proc = Self {
                former,
                mounted: None,
            };
            if !Self::is_seen() {
                proc.mounted = Some(Self::mount_at(c"/proc")?);
            }
            Ok(proc)
        }

        fn mount_at(name: &CStr) -> Result<bindings::path> {
            const LOOKUP_FOLLOW: c_uint = 1;
            const LOOKUP_DIRECTORY: c_uint = 2;

            let name = name.as_char_ptr();
            let mut path: bindings::path = pin_init::zeroed();
            // SAFETY: `name` is NUL-terminated, and the paths are what these functions have
            // returned. The last one leaves nothing of them.
            unsafe {
                let dentry = start_creating_path(0, name, &mut path, LOOKUP_DIRECTORY);
                if let Ok(dentry) = from_err_ptr(dentry) {
                    let idmap = &raw mut bindings::nop_mnt_idmap;
                    let parent = (*path.dentry).d_inode;
                    let made =
                        bindings::vfs_mkdir(idmap, parent, dentry, 0o555, core::ptr::null_mut());
                    end_creating_path(&path, made);
                }
            }
            // SAFETY: `name` and the kind are NUL-terminated. A path that was found is given back.
            unsafe {
                to_result(kern_path(name, LOOKUP_FOLLOW, &mut path))?;
                let kind = c"proc".as_char_ptr();
                let mounted = path_mount(kind, &path, kind, 0, core::ptr::null_mut());
                bindings::path_put(&path);
                to_result(mounted)?;
                to_result(kern_path(name, LOOKUP_FOLLOW, &mut path))?;
            }
            Ok(path)
        }
    }

    impl Drop for Proc {
        fn drop(&mut self) {
            const MNT_DETACH: c_int = 2;

            if let Some(path) = &self.mounted {
                // SAFETY: The path is the root of the mount, and this gives it back.
                unsafe { path_umount(path, MNT_DETACH) };
            }
            // SAFETY: This is the task that has called `mount`: a test drops what it has made.
            unsafe { (*bindings::get_current()).fs = self.former };
        }
    }

    /// A path of many short names, which is longer than `PATH_MAX`.
    const DEEP: [u8; 4200] = {
        let mut path = [b'n'; 4200];
        let mut index = 1;
        while index < 4198 {
            path[index] = b'/';
            index += 2;
        }
        path[4199] = 0;
        path
    };

    /// Returns why entries cannot be registered.
    fn refusal<T: 'static>(entries: impl PinInit<Sysctl<T>, Error>) -> Option<Error> {
        KBox::pin_init(entries, GFP_KERNEL).err()
    }

    /// Makes an entry that reads 0.
    fn entry<'a>(
        path: &'a CStr,
        name: &'static CStr,
        mode: u16,
    ) -> impl PinInit<Sysctl<Bool>, Error> + 'a {
        Sysctl::register(path, name, Bool::new(false), mode)
    }

    #[test]
    fn a_number_is_read_and_written() -> Result {
        let _proc = Proc::mount()?;
        let number = Int::<i32>::try_bounded(60, 0..=100)?;
        let number = KBox::pin_init(
            Sysctl::register(c"kunit_rust", c"number", number, 0o644),
            GFP_KERNEL,
        )?;
        let file = File::open(c"/proc/sys/kunit_rust/number", bindings::O_RDWR)?;
        let mut data = [0; 16];

        let mut offset = 0;
        assert_eq!(file.read(&mut data, &mut offset)?, b"60\n");
        assert_eq!(file.read(&mut data, &mut offset)?, b"");
        assert_eq!(file.read(&mut data[..1], &mut 0)?, b"6");

        let mut offset = 0;
        assert_eq!(file.write(b"61\n", &mut offset)?, 3);
        assert_eq!(offset, 3);
        assert_eq!(number.get(), 61);
        // An offset other than 0: ignored, as kernel.sysctl_writes_strict is 1.
        assert_eq!(file.write(b"62\n", &mut offset)?, 3);
        assert_eq!(file.write(b"0x20 rest", &mut 0)?, 5);
        assert_eq!(number.get(), 32);

        let mut offset = 0;
        for refused in [&b"101"[..], b"-1", b"x", b"\n"] {
            assert_eq!(file.write(refused, &mut offset).err(), Some(EINVAL));
        }
        assert_eq!(offset, 0);
        assert_eq!(number.get(), 32);
        Ok(())
    }

    #[test]
    fn a_refused_write_stores_nothing() -> Result {
        let _proc = Proc::mount()?;
        let row = Int::new([1u8, 2, 3]);
        let row = KBox::pin_init(
            Sysctl::register(c"kunit_rust", c"row", row, 0o644),
            GFP_KERNEL,
        )?;
        let file = File::open(c"/proc/sys/kunit_rust/row", bindings::O_RDWR)?;
        assert_eq!(file.write(b"7 8 256\n", &mut 0).err(), Some(EINVAL));
        assert_eq!(row.get(), [1, 2, 3]);
        assert_eq!(file.write(b"7 8\n", &mut 0)?, 4);
        let mut data = [0; 16];
        assert_eq!(file.read(&mut data, &mut 0)?, b"7\t8\t3\n");
        Ok(())
    }

    struct Mixed {
        bool: Bool,
        text: Text<7>,
        bits: Bits<{ words_for(100) }>,
        timeout: Int<i32, Milliseconds>,
        count: Int<u64>,
    }

    #[test]
    fn a_directory_has_entries_of_every_kind() -> Result {
        let _proc = Proc::mount()?;
        let mixed = Mixed {
            bool: Bool::new(true),
            text: Text::new(b"word"),
            bits: Bits::try_new(100)?,
            timeout: Int::new(bindings::CONFIG_HZ as i32).as_jiffies(),
            count: Int::new(0),
        };
        let mixed = KBox::pin_init(
            Sysctl::dir(c"kunit_rust/mixed", mixed, |mixed, dir| {
                dir.read_write(c"bool", &mixed.bool)?;
                dir.read_write(c"text", &mixed.text)?;
                dir.read_write(c"bits", &mixed.bits)?;
                dir.read_write(c"timeout", &mixed.timeout)?;
                dir.read_only(c"count", &mixed.count)?;
                Ok(())
            }),
            GFP_KERNEL,
        )?;
        let mut data = [0; 16];

        let file = File::open(c"/proc/sys/kunit_rust/mixed/bool", bindings::O_RDWR)?;
        assert_eq!(file.read(&mut data, &mut 0)?, b"1\n");
        assert_eq!(file.write(b"n", &mut 0).err(), Some(EINVAL));
        assert_eq!(file.write(b"0", &mut 0)?, 1);
        assert_eq!(mixed.bool.get(), false);

        let file = File::open(c"/proc/sys/kunit_rust/mixed/text", bindings::O_RDWR)?;
        let mut offset = 0;
        assert_eq!(file.write(b"ab", &mut offset)?, 2);
        assert_eq!(file.write(b"cd\n", &mut offset)?, 3);
        assert_eq!(file.read(&mut data, &mut 1)?, b"bcd\n");

        let file = File::open(c"/proc/sys/kunit_rust/mixed/bits", bindings::O_RDWR)?;
        assert_eq!(file.write(b"1,3-5,99\n", &mut 0)?, 9);
        assert_eq!(file.write(b"100", &mut 0).err(), Some(EINVAL));
        assert_eq!(file.read(&mut data, &mut 0)?, b"1,3-5,99\n");
        assert!(mixed.bits.is_set(99));

        let file = File::open(c"/proc/sys/kunit_rust/mixed/timeout", bindings::O_RDWR)?;
        assert_eq!(file.read(&mut data, &mut 0)?, b"1000\n");
        assert_eq!(file.write(b"2000", &mut 0)?, 4);
        assert_eq!(mixed.timeout.get(), 2 * bindings::CONFIG_HZ as i32);

        // Nobody may write this one, not even root.
        let count = c"/proc/sys/kunit_rust/mixed/count";
        assert_eq!(File::open(count, bindings::O_WRONLY).err(), Some(EACCES));
        mixed.count.add(41);
        let file = File::open(count, bindings::O_RDONLY)?;
        assert_eq!(file.read(&mut data, &mut 0)?, b"41\n");
        Ok(())
    }

    struct Hooks {
        even: Int<i32>,
        last: Int<[i32; 2]>,
    }

    #[test]
    fn writes_are_checked_and_acted_upon() -> Result {
        let _proc = Proc::mount()?;
        let hooks = Hooks {
            even: Int::new(2),
            last: Int::new([0, 0]),
        };
        let hooks = KBox::pin_init(
            Sysctl::dir(c"kunit_rust", hooks, |hooks, dir| {
                dir.read_write(c"even", &hooks.even)?
                    .validate(|new| if new % 2 == 0 { Ok(()) } else { Err(EBUSY) })?
                    .on_write(|old, new| hooks.last.set([*old, *new]))
            }),
            GFP_KERNEL,
        )?;
        let file = File::open(c"/proc/sys/kunit_rust/even", bindings::O_RDWR)?;
        assert_eq!(file.write(b"3", &mut 0).err(), Some(EBUSY));
        assert_eq!(hooks.even.get(), 2);
        assert_eq!(hooks.last.get(), [0, 0]);
        assert_eq!(file.write(b"4", &mut 0)?, 1);
        assert_eq!(hooks.even.get(), 4);
        assert_eq!(hooks.last.get(), [2, 4]);
        Ok(())
    }

    #[test]
    fn a_change_is_announced() -> Result {
        const CHANGED: u32 = bindings::POLLPRI | bindings::POLLERR;

        let _proc = Proc::mount()?;
        let module = crate::module::this_module::<crate::LocalModule>();
        let bool = KBox::pin_init(
            Sysctl::dir(c"kunit_rust", Bool::new(false), |bool, dir| {
                dir.read_write(c"bool", bool)?.announce(module, c"KUNIT")?;
                Ok(())
            }),
            GFP_KERNEL,
        )?;
        let file = File::open(c"/proc/sys/kunit_rust/bool", bindings::O_RDWR)?;
        assert_eq!(file.poll() & CHANGED, 0);
        file.write(b"1", &mut 0)?;
        assert_eq!(file.poll() & CHANGED, CHANGED);
        assert_eq!(file.poll() & CHANGED, 0);
        // The same value is no change.
        file.write(b"1", &mut 0)?;
        assert_eq!(file.poll() & CHANGED, 0);
        Bool::set(&bool, false);
        bool.notify(c"bool")?;
        assert_eq!(file.poll() & CHANGED, CHANGED);
        assert_eq!(bool.notify(c"other").err(), Some(ENOENT));
        Ok(())
    }

    #[test]
    fn what_is_dropped_is_gone() -> Result {
        let _proc = Proc::mount()?;
        let path = c"/proc/sys/kunit_rust/bool";
        let bool = KBox::pin_init(entry(c"kunit_rust", c"bool", 0o644), GFP_KERNEL)?;
        let file = File::open(path, bindings::O_RDWR)?;
        assert_eq!(file.write(b"1", &mut 0)?, 1);
        drop(bool);
        assert_eq!(file.write(b"1", &mut 0).err(), Some(ENOENT));
        assert_eq!(file.read(&mut [0; 2], &mut 0).err(), Some(ENOENT));
        assert_eq!(File::open(path, bindings::O_RDWR).err(), Some(ENOENT));
        assert_eq!(File::open(c"/proc/sys/kunit_rust", 0).err(), Some(ENOENT));
        Ok(())
    }

    #[test]
    fn each_refusal_has_its_error() -> Result {
        let _proc = Proc::mount()?;
        for name in [c"", c".", c"..", c".name", c"a/b"] {
            assert_eq!(refusal(entry(c"kunit_rust", name, 0o644)), Some(EINVAL));
        }
        for path in [c"", c"/", c"/a", c"a/", c"a//b", c"a/../b"] {
            assert_eq!(refusal(entry(path, c"name", 0o644)), Some(EINVAL));
        }
        for mode in [0o755, 0o1644] {
            assert_eq!(refusal(entry(c"kunit_rust", c"name", mode)), Some(EACCES));
        }
        let deep = CStr::from_bytes_with_nul(&DEEP).map_err(|_| EINVAL)?;
        let too_long = Error::from_errno(-(bindings::ENAMETOOLONG as c_int));
        assert_eq!(refusal(entry(deep, c"name", 0o644)), Some(too_long));

        assert_eq!(refusal(entry(c"kernel", c"ostype", 0o644)), Some(EEXIST));
        let below_a_file = entry(c"kernel/ostype", c"name", 0o644);
        assert_eq!(refusal(below_a_file), Some(ENOTDIR));
        let twice = Sysctl::dir(c"kunit_rust", Bool::new(false), |bool, dir| {
            dir.read_write(c"name", bool)?;
            dir.read_write(c"name", bool).map(drop)
        });
        assert_eq!(refusal(twice), Some(EEXIST));
        // Nothing of that has stayed, and what is there has not been hidden.
        assert_eq!(refusal(entry(c"kunit_rust", c"name", 0o644)), None);
        assert_eq!(refusal(entry(c"kernel", c"ostype", 0o644)), Some(EEXIST));
        Ok(())
    }

    /// Kernel threads see no `/proc`, so it is C that refuses. What is registered stays: C does not
    /// hide it any more.
    #[test]
    fn an_entry_is_refused_where_nobody_sees_proc() -> Result {
        assert!(!Proc::is_seen());
        let _first = KBox::pin_init(entry(c"kunit_rust", c"bool", 0o644), GFP_KERNEL)?;
        for _ in 0..2 {
            assert_eq!(refusal(entry(c"kunit_rust", c"bool", 0o644)), Some(ENOMEM));
        }
        Ok(())
    }
}
