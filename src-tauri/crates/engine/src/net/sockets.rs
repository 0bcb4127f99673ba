//! UDP sockets, bound to concrete addresses: each connection has its own, one an address, as browsers do. So the system sorts
//! what comes in, also when two connections of this engine talk to each other, and nothing listens without a connection.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};

use mio::net::UdpSocket;
use mio::{Interest, Registry, Token};
use socket2::{Domain, Protocol, Socket, Type};

use crate::hub::Owner;

/// A key frame of a shared screen is a burst of some 700 packets; the system may grant less.
const BUFFER: usize = 2 * 1024 * 1024;
/// Larger than any packet: str0m's are below 1,200 bytes, others' below the Ethernet MTU.
pub(crate) const PACKET: usize = 2_048;

#[derive(Debug)]
struct Open {
    socket: UdpSocket,
    owner: Owner,
    local: SocketAddr,
}

#[derive(Debug, Default)]
pub(crate) struct Sockets {
    open: HashMap<Token, Open>,
    by_address: HashMap<SocketAddr, Token>,
    /// 0 is the waker's.
    last: usize,
}

impl Sockets {
    /// One socket an address, on ports the system chooses; those of `have` that fit are kept, others closed. Addresses on which
    /// none can be opened are left out.
    pub(crate) fn open(
        &mut self,
        registry: &Registry,
        owner: Owner,
        addresses: &[IpAddr],
        have: &[SocketAddr],
    ) -> Vec<SocketAddr> {
        for gone in have.iter().filter(|have| !addresses.contains(&have.ip())) {
            self.close(registry, *gone);
        }
        let mut bound = Vec::with_capacity(addresses.len());
        for address in addresses {
            if let Some(kept) = have.iter().find(|have| have.ip() == *address) {
                bound.push(*kept);
                continue;
            }
            match self.open_one(registry, owner, *address) {
                Ok(local) => bound.push(local),
                Err(error) => tracing::debug!(%error, "no socket on an address"),
            }
        }
        bound
    }

    fn open_one(
        &mut self,
        registry: &Registry,
        owner: Owner,
        address: IpAddr,
    ) -> io::Result<SocketAddr> {
        let domain = if address.is_ipv4() {
            Domain::IPV4
        } else {
            Domain::IPV6
        };
        let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
        if address.is_ipv6() {
            socket.set_only_v6(true)?;
        }
        // Best effort: the system's limit counts.
        let _ = socket.set_recv_buffer_size(BUFFER);
        let _ = socket.set_send_buffer_size(BUFFER);
        socket.set_nonblocking(true)?;
        socket.bind(&SocketAddr::new(address, 0).into())?;
        let mut socket = UdpSocket::from_std(socket.into());
        let local = socket.local_addr()?;
        self.last += 1;
        let token = Token(self.last);
        registry.register(&mut socket, token, Interest::READABLE)?;
        self.by_address.insert(local, token);
        self.open.insert(
            token,
            Open {
                socket,
                owner,
                local,
            },
        );
        Ok(local)
    }

    pub(crate) fn close(&mut self, registry: &Registry, local: SocketAddr) {
        if let Some(token) = self.by_address.remove(&local)
            && let Some(mut open) = self.open.remove(&token)
        {
            // Closing the file descriptor would do; this also frees what mio knows on other systems.
            let _ = registry.deregister(&mut open.socket);
        }
    }

    pub(crate) fn send(&self, source: SocketAddr, destination: SocketAddr, bytes: &[u8]) {
        let Some(open) = self
            .by_address
            .get(&source)
            .and_then(|token| self.open.get(token))
        else {
            return;
        };
        // A full buffer or a lost route is packet loss, which the layers above live with.
        if let Err(error) = open.socket.send_to(bytes, destination)
            && error.kind() != io::ErrorKind::WouldBlock
        {
            tracing::trace!(%error, "a packet could not be sent");
        }
    }

    /// The next packet of a socket; None when there is none.
    pub(crate) fn receive(
        &self,
        token: Token,
        buffer: &mut [u8],
    ) -> Option<(Owner, SocketAddr, SocketAddr, usize)> {
        let open = self.open.get(&token)?;
        loop {
            match open.socket.recv_from(buffer) {
                Ok((length, source)) => return Some((open.owner, source, open.local, length)),
                // An ICMP answer to something sent before; what lies behind it is still to be read.
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::ConnectionRefused
                            | io::ErrorKind::ConnectionReset
                            | io::ErrorKind::Interrupted
                    ) => {}
                Err(_) => return None,
            }
        }
    }
}
