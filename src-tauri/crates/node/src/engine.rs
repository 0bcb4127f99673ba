//! Engines as this node starts them: on the interfaces that the person has chosen, with names resolved by its discovery.

use std::sync::Arc;

use landline_discovery::Discovery;
use landline_engine::{Engine, EngineConfig, Resolver, Resolving, StartError};

use crate::interfaces::ChosenInterfaces;

/// Called on the runtime of the node. The engine ends with its last handle.
pub(crate) fn start(
    interfaces: &ChosenInterfaces,
    discovery: &Discovery,
) -> Result<Engine, StartError> {
    let interfaces = interfaces.clone();
    Engine::start(EngineConfig {
        addresses: Arc::new(move || interfaces.shareable()),
        resolver: Some(Arc::new(Names(discovery.clone()))),
    })
}

struct Names(Discovery);

impl Resolver for Names {
    fn resolve(&self, name: String) -> Resolving {
        let discovery = self.0.clone();
        Box::pin(async move { discovery.resolve_host(&name).await })
    }
}
