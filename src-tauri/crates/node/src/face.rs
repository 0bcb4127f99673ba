//! The certificate that this node shows at the time: the installation's, or one of its own for a private meeting.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use crate::fingerprint::Fingerprint;
use crate::storage::identity::{Identity, IdentityError};

/// Changes only while nothing listens.
pub(crate) struct Face {
    lasting: Arc<Identity>,
    shown: Mutex<Arc<Identity>>,
}

impl Face {
    pub(crate) fn new(lasting: Arc<Identity>) -> Self {
        Self {
            shown: Mutex::new(Arc::clone(&lasting)),
            lasting,
        }
    }

    /// What is shown, with all that lasts.
    pub(crate) fn shown(&self) -> Arc<Identity> {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&shown)
    }

    pub(crate) fn fingerprint(&self) -> Fingerprint {
        self.shown().fingerprint
    }

    /// For a private meeting a certificate by which nobody knows this installation again.
    pub(crate) fn choose(&self, private: bool) -> Result<(), IdentityError> {
        let chosen = if private {
            Arc::new(self.lasting.unrecognised(SystemTime::now())?)
        } else {
            Arc::clone(&self.lasting)
        };
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = chosen;
        Ok(())
    }
}
