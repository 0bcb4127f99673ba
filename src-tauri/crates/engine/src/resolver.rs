//! Names of mDNS candidates (`<uuid>.local`, draft-ietf-mmusic-mdns-ice-candidates) to addresses: asked of whoever starts the engine.

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;

/// An answer under way.
pub type Resolving = Pin<Box<dyn Future<Output = Vec<IpAddr>> + Send>>;

pub trait Resolver: Send + Sync + 'static {
    /// The addresses of a host name ending in `.local`; none when nobody answers in time. Polled on the tokio runtime in which the
    /// engine was started.
    fn resolve(&self, name: String) -> Resolving;
}
