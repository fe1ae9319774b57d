// SPDX-License-Identifier: GPL-2.0

//! The few BPF instructions that the programs are made of, see `include/uapi/linux/bpf.h`.

/// A register.
#[derive(Clone, Copy)]
pub enum Register {
    /// What a call returns, and the program.
    R0,
    /// The first argument of a call. At first, the program's own.
    R1,
    /// The second argument.
    R2,
    /// The third argument.
    R3,
    /// The first of those that calls leave alone.
    R6 = 6,
    /// The next of them.
    R7,
}

/// A program in the making.
#[derive(Default)]
pub struct Assembler {
    /// What it consists of so far.
    pub instructions: Vec<u64>,
}

const LOAD_ADDRESS: u8 = 0x18;
const STORE_U32: u8 = 0x63;
const STORE_U64: u8 = 0x7b;
const CALL: u8 = 0x85;
const EXIT: u8 = 0x95;
const SET: u8 = 0xb7;
const COPY: u8 = 0xbf;

/// In place of a register: the address is in a map's value.
const MAP_VALUE: u8 = 2;

impl Assembler {
    fn put(&mut self, code: u8, to: u8, from: u8, offset: i16, number: i32) {
        let [low, high] = offset.to_le_bytes();
        let [a, b, c, d] = number.to_le_bytes();
        let bytes = [code, to | from << 4, low, high, a, b, c, d];
        self.instructions.push(u64::from_le_bytes(bytes));
    }

    /// `to = from`
    pub fn copy(&mut self, to: Register, from: Register) {
        self.put(COPY, to as u8, from as u8, 0, 0);
    }

    /// `to = number`
    pub fn set(&mut self, to: Register, number: i32) {
        self.put(SET, to as u8, 0, 0, number);
    }

    /// `to = &value[offset]`, with the only value of the map that has this file descriptor.
    pub fn address(&mut self, to: Register, map: i32, offset: i32) {
        self.put(LOAD_ADDRESS, to as u8, MAP_VALUE, 0, map);
        self.put(0, 0, 0, 0, offset);
    }

    /// `*(u32 *)(to + offset) = from`
    pub fn store_u32(&mut self, to: Register, offset: i16, from: Register) {
        self.put(STORE_U32, to as u8, from as u8, offset, 0);
    }

    /// `*(u64 *)(to + offset) = from`
    pub fn store_u64(&mut self, to: Register, offset: i16, from: Register) {
        self.put(STORE_U64, to as u8, from as u8, offset, 0);
    }

    /// `R0 = helper(R1, R2, R3)`
    pub fn call(&mut self, helper: i32) {
        self.put(CALL, 0, 0, 0, helper);
    }

    /// `return R0`
    pub fn exit(&mut self) {
        self.put(EXIT, 0, 0, 0, 0);
    }
}
