//! The key file: the active key in its first line, one that is being retired in its second.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::key::Key;
use super::{Keys, VaultError};

/// The key file's name under the data directory.
pub const NAME: &str = "key";

/// Tells whether a file is still the one that was read. The file is only ever replaced, so its inode changes too.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stamp(u64, u64, i64, i64);

/// `None` if there is no such file.
pub fn stamp(path: &Path) -> Option<Stamp> {
    let meta = fs::metadata(path).ok()?;
    Some(Stamp(meta.ino(), meta.len(), meta.mtime(), meta.mtime_nsec()))
}

/// # Errors
/// [`VaultError::KeyFile`] when it can't be read, [`VaultError::BadKey`] when something else is in it.
pub fn read(path: &Path) -> Result<Keys, VaultError> {
    let text = Zeroizing::new(fs::read_to_string(path).map_err(|source| failed(path, source))?);
    if fs::metadata(path).is_ok_and(|meta| meta.mode() & 0o077 != 0) {
        tracing::warn!("{} can be read by other users of this machine; run: chmod 600 {0}", path.display());
    }
    let bad = || VaultError::BadKey { place: format!("the file {}", path.display()) };
    let mut keys = text.lines().filter(|line| !line.trim().is_empty()).map(|line| Key::parse(line).ok_or_else(bad));
    let active = keys.next().ok_or_else(bad)??;
    let retiring = keys.next().transpose()?;
    if keys.next().is_some() {
        return Err(bad());
    }
    Ok(Keys::new(active, retiring))
}

/// Writes a first key. If somebody else was faster, theirs stays.
pub fn create(path: &Path, key: &Key) -> Result<(), VaultError> {
    let scratch = write_scratch(path, &[key]).map_err(|source| failed(path, source))?;
    // A link, unlike a rename, never replaces what is there.
    let linked = match fs::hard_link(&scratch, path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    };
    linked
        .and_then(|()| fs::remove_file(&scratch))
        .and_then(|()| sync_directory(path))
        .map_err(|source| failed(path, source))
}

/// Replaces the file in one step, and comes back when it would survive a power cut.
pub fn replace(path: &Path, keys: &[&Key]) -> Result<(), VaultError> {
    write_scratch(path, keys)
        .and_then(|scratch| fs::rename(scratch, path))
        .and_then(|()| sync_directory(path))
        .map_err(|source| failed(path, source))
}

fn write_scratch(path: &Path, keys: &[&Key]) -> io::Result<PathBuf> {
    let scratch = path.with_extension(format!("{}.new", std::process::id()));
    let _ = fs::remove_file(&scratch);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&scratch)?;
    for key in keys {
        file.write_all(key.text().as_bytes())?;
        file.write_all(b"\n")?;
    }
    file.sync_all()?;
    Ok(scratch)
}

fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}

fn failed(path: &Path, source: io::Error) -> VaultError {
    VaultError::KeyFile { path: path.display().to_string(), source }
}
