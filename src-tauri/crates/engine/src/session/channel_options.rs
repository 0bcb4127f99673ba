//! Options of a data channel: the page's and str0m's.

use landline_protocol::engine_api::ChannelOptions;
use str0m::channel::{ChannelConfig, Reliability};

pub(super) fn config(label: &str, options: &ChannelOptions) -> ChannelConfig {
    ChannelConfig {
        label: label.to_owned(),
        ordered: options.ordered,
        reliability: match (options.max_packet_life_time, options.max_retransmits) {
            (Some(lifetime), _) => Reliability::MaxPacketLifetime { lifetime },
            (None, Some(retransmits)) => Reliability::MaxRetransmits { retransmits },
            (None, None) => Reliability::Reliable,
        },
        negotiated: options.id.filter(|_| options.negotiated),
        protocol: options.protocol.clone(),
    }
}

pub(super) fn options(config: Option<&ChannelConfig>, stream: Option<u16>) -> ChannelOptions {
    let mut options = ChannelOptions {
        ordered: true,
        id: stream,
        ..ChannelOptions::default()
    };
    if let Some(config) = config {
        options.ordered = config.ordered;
        options.protocol.clone_from(&config.protocol);
        match config.reliability {
            Reliability::Reliable => {}
            Reliability::MaxPacketLifetime { lifetime } => {
                options.max_packet_life_time = Some(lifetime);
            }
            Reliability::MaxRetransmits { retransmits } => {
                options.max_retransmits = Some(retransmits);
            }
        }
    }
    options
}
