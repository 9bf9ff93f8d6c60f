//! A moment that the watcher tells of in its turn: whatever happened before it has been told when it is told.
//!
//! It is the opening of a file that no other process knows, so that nobody else can be taken for it.

use std::fs::File;
use std::path::PathBuf;

use notify::{Event, RecursiveMode, Watcher};

/// How often in a row a moment may not be told of before it is no longer waited for.
const MISSED: usize = 3;

/// A file without a name, watched for its openings.
#[derive(Debug)]
pub(super) struct Barrier {
    path: PathBuf,
    opened: usize,
    told: usize,
    missed: usize,
    /// Keeps the file, which has no name any more.
    _file: File,
}

impl Barrier {
    /// Makes one; `None` where events come in no order that is known, or where no file can be made.
    pub(super) fn new(watcher: &mut dyn Watcher) -> Option<Self> {
        #[cfg(target_os = "linux")]
        {
            use std::os::fd::AsRawFd as _;
            let file = nameless()?;
            let path = PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()));
            watcher.watch(&path, RecursiveMode::NonRecursive).ok()?;
            Some(Self { path, opened: 0, told: 0, missed: 0, _file: file })
        }
        #[cfg(not(target_os = "linux"))]
        {
            let _ = (watcher, RecursiveMode::NonRecursive);
            None
        }
    }

    /// Marks this moment; whether it can be waited for.
    pub(super) fn mark(&mut self) -> bool {
        let marked = self.missed < MISSED && File::open(&self.path).is_ok();
        self.opened += usize::from(marked);
        marked
    }

    /// Takes note of an event that a file was opened.
    pub(super) fn heard(&mut self, event: &Event) {
        if event.paths.contains(&self.path) {
            self.told += 1;
        }
    }

    /// Whether every moment that was marked has been told.
    pub(super) fn is_passed(&mut self) -> bool {
        let passed = self.told >= self.opened;
        if passed {
            self.missed = 0;
        }
        passed
    }

    /// Notes that a moment was waited for in vain.
    pub(super) fn miss(&mut self) {
        self.missed += 1;
    }
}

/// A file in the folder of temporary files that is gone from there as soon as it is open.
#[cfg(target_os = "linux")]
fn nameless() -> Option<File> {
    let above = std::env::temp_dir();
    (0..100).find_map(|number| {
        let path = above.join(format!(".suitor-{}-{:?}-{number}", std::process::id(), std::thread::current().id()));
        let file = File::options().create_new(true).read(true).write(true).open(&path).ok()?;
        std::fs::remove_file(&path).ok()?;
        Some(file)
    })
}
