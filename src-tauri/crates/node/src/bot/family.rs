//! The bots of one process know each other, so that they leave each other alone: a crowd is there for somebody else, and a mesh of
//! its own would take more of the machine than what is to be tested.

use std::collections::HashSet;
use std::sync::Arc;

use tokio::sync::{RwLock, RwLockWriteGuard};

#[derive(Debug)]
pub(crate) struct Family {
    /// They talk to each other as to everybody.
    mesh: bool,
    ids: RwLock<HashSet<String>>,
}

/// Somebody joins: until their id is known, nobody is asked for.
pub(crate) struct Birth<'a>(RwLockWriteGuard<'a, HashSet<String>>);

impl Birth<'_> {
    pub(crate) fn born(&mut self, id: &str) {
        self.0.insert(id.to_owned());
    }
}

impl Family {
    pub(crate) fn new(mesh: bool) -> Arc<Self> {
        Arc::new(Self {
            mesh,
            ids: RwLock::default(),
        })
    }

    /// One joins at a time.
    pub(crate) async fn birth(&self) -> Birth<'_> {
        Birth(self.ids.write().await)
    }

    pub(crate) async fn died(&self, id: &str) {
        self.ids.write().await.remove(id);
    }

    /// Whether this is a sibling to be left alone. Waits while somebody is joining: it may be that one.
    pub(crate) async fn has(&self, id: &str) -> bool {
        !self.mesh && self.ids.read().await.contains(id)
    }
}
