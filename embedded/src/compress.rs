//! The two framings of compressed bodies: LZ4 frames (`Content-Encoding:
//! lz4`) and ClickHouse's own blocks (`compress=1`, `decompress=1`).

use crate::exception::{Exception, code};
use bytes::{Buf, BufMut, Bytes, BytesMut};
use lz4_flex::block;
use lz4_flex::frame::{BlockMode, FrameEncoder, FrameInfo};
use std::io::Write as _;

/// How the pieces of an answer are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Plain,
    /// Each piece is a whole LZ4 frame.
    Lz4Frame,
    /// Each piece is a ClickHouse block.
    Block,
}

const LZ4: u8 = 0x82;
const STORED: u8 = 0x02;
const CHECKSUM: usize = 16;
const HEADER: usize = 9;

/// Largest block that is accepted, in bytes before or after decompression.
const LARGEST_BLOCK: usize = 256 << 20;

impl Encoding {
    /// Encodes one piece of an answer.
    pub(crate) fn encode(self, piece: &[u8]) -> Result<Bytes, Exception> {
        match self {
            Self::Plain => Ok(Bytes::copy_from_slice(piece)),
            Self::Lz4Frame => lz4_frame(piece).map_err(|error| {
                Exception::new(code::STD_EXCEPTION, "STD_EXCEPTION", error.to_string())
            }),
            Self::Block => Ok(lz4_block(piece)),
        }
    }
}

fn lz4_frame(piece: &[u8]) -> std::io::Result<Bytes> {
    let info = FrameInfo::new().block_mode(BlockMode::Independent);
    let mut encoder = FrameEncoder::with_frame_info(info, Vec::with_capacity(piece.len() / 2));
    encoder.write_all(piece)?;
    Ok(encoder.finish()?.into())
}

fn lz4_block(piece: &[u8]) -> Bytes {
    let compressed = block::compress(piece);
    let mut framed = BytesMut::with_capacity(CHECKSUM + HEADER + compressed.len());
    framed.put_bytes(0, CHECKSUM);
    framed.put_u8(LZ4);
    framed.put_u32_le(u32::try_from(HEADER + compressed.len()).unwrap_or(u32::MAX));
    framed.put_u32_le(u32::try_from(piece.len()).unwrap_or(u32::MAX));
    framed.put_slice(&compressed);
    let checksum = checksum(&framed[CHECKSUM..]);
    framed[..CHECKSUM].copy_from_slice(&checksum.to_le_bytes());
    framed.freeze()
}

/// ClickHouse's CityHash, its two halves swapped as ClickHouse writes them.
fn checksum(block: &[u8]) -> u128 {
    cityhash_rs::cityhash_102_128(block).rotate_right(64)
}

/// Takes ClickHouse blocks apart that arrive in arbitrary pieces.
#[derive(Default)]
pub(crate) struct BlockDecoder {
    pending: BytesMut,
}

impl BlockDecoder {
    /// Adds the next bytes of the body.
    pub(crate) fn push(&mut self, piece: &[u8]) {
        self.pending.extend_from_slice(piece);
    }

    /// The next decompressed block, or `None` until more bytes are there.
    ///
    /// # Errors
    ///
    /// When the bytes are no such blocks, or damaged ones.
    pub(crate) fn next(&mut self) -> Result<Option<Vec<u8>>, Exception> {
        let Some(mut header) = self.pending.get(CHECKSUM..CHECKSUM + HEADER) else {
            return Ok(None);
        };
        let method = header.get_u8();
        let sizes = (header.get_u32_le() as usize, header.get_u32_le() as usize);
        let (size, decompressed) = sizes;
        if !(HEADER..=LARGEST_BLOCK).contains(&size) || decompressed > LARGEST_BLOCK {
            return Err(damaged("a block has an impossible size"));
        }
        if self.pending.len() < CHECKSUM + size {
            self.pending.reserve(CHECKSUM + size - self.pending.len());
            return Ok(None);
        }
        let expected = self.pending.get_u128_le();
        let block = self.pending.split_to(size);
        if checksum(&block) != expected {
            return Err(Exception::new(
                code::CHECKSUM_DOESNT_MATCH,
                "CHECKSUM_DOESNT_MATCH",
                "Checksum of a compressed block does not match: the body is corrupted",
            ));
        }
        let data = &block[HEADER..];
        match method {
            LZ4 => {
                let block = block::decompress(data, decompressed)
                    .map_err(|error| damaged(&error.to_string()))?;
                if block.len() != decompressed {
                    return Err(damaged("a block is shorter than it says"));
                }
                Ok(Some(block))
            }
            STORED if data.len() == decompressed => Ok(Some(data.to_vec())),
            STORED => Err(damaged("a block is shorter than it says")),
            _ => Err(Exception::new(
                code::UNKNOWN_COMPRESSION_METHOD,
                "UNKNOWN_COMPRESSION_METHOD",
                format!("Unknown codec family code: {method:#x}; send LZ4, or none"),
            )),
        }
    }

    /// Checks that the body did not end inside a block.
    pub(crate) fn finish(&self) -> Result<(), Exception> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let text = "Cannot read all data: the body ends inside a compressed block";
        Err(Exception::new(code::CANNOT_READ_ALL_DATA, "CANNOT_READ_ALL_DATA", text))
    }
}

fn damaged(why: &str) -> Exception {
    let text = format!("Cannot decompress the body: {why}");
    Exception::new(code::CANNOT_DECOMPRESS, "CANNOT_DECOMPRESS", text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(body: &[u8], step: usize) -> Result<Vec<u8>, Exception> {
        let mut decoder = BlockDecoder::default();
        let mut decoded = Vec::new();
        for piece in body.chunks(step) {
            decoder.push(piece);
            while let Some(block) = decoder.next()? {
                decoded.extend(block);
            }
        }
        decoder.finish().map(|()| decoded)
    }

    #[test]
    fn blocks_come_back_however_they_are_cut() {
        let data: Vec<u8> = (0..100_000_u32).map(|it| (it % 251) as u8).collect();
        let body: Vec<u8> =
            data.chunks(30_000).flat_map(|it| Encoding::Block.encode(it).unwrap()).collect();
        for step in [1, 7, 1000, body.len()] {
            assert_eq!(decode(&body, step).unwrap(), data);
        }
    }

    #[test]
    fn damage_is_told() {
        let body = Encoding::Block.encode(b"hello hello hello").unwrap();
        let mut flipped = body.to_vec();
        flipped[30] ^= 1;
        assert_eq!(decode(&flipped, 9).unwrap_err().code(), code::CHECKSUM_DOESNT_MATCH);
        assert_eq!(
            decode(&body[..body.len() - 1], 9).unwrap_err().code(),
            code::CANNOT_READ_ALL_DATA
        );
        let noise = [0xff_u8; 64];
        assert_eq!(decode(&noise, 64).unwrap_err().code(), code::CANNOT_DECOMPRESS);
    }
}
