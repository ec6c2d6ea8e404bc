//! How server and worker talk: lengths and bytes.

use std::io::{self, Read, Write};

use tokio::io::{AsyncRead, AsyncReadExt};

/// What a worker says once it has a whole request, before it renders it.
pub(super) const TAKEN: u8 = 6;

/// Most bytes of a frame: a request of 20 MB, escaped, or what the steps of a
/// template can make.
const MAX_FRAME: u32 = 160_000_000;

fn checked(length: [u8; 4]) -> io::Result<usize> {
    let length = u32::from_le_bytes(length);
    if length > MAX_FRAME {
        return Err(io::Error::other("the frame is longer than frames are"));
    }
    Ok(length as usize)
}

/// The length that stands before the bytes.
pub(super) fn head(bytes: &[u8]) -> io::Result<[u8; 4]> {
    let length = u32::try_from(bytes.len()).ok().filter(|length| *length <= MAX_FRAME);
    let length = length.ok_or_else(|| io::Error::other("there is too much for a frame"))?;
    Ok(length.to_le_bytes())
}

/// Reads a frame; `None` at the end of what there is.
pub(super) fn read(from: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    match from.read_exact(&mut length) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let mut bytes = vec![0; checked(length)?];
    from.read_exact(&mut bytes)?;
    Ok(Some(bytes))
}

/// Writes a frame.
pub(super) fn write(to: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    to.write_all(&head(bytes)?)?;
    to.write_all(bytes)?;
    to.flush()
}

/// Reads a frame that must come.
pub(super) async fn receive(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    from.read_exact(&mut length).await?;
    let mut bytes = vec![0; checked(length)?];
    from.read_exact(&mut bytes).await?;
    Ok(bytes)
}
