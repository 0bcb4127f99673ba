//! What one installation remembers. Kept as JSON in the platform's configuration folder; a guest's page keeps its own.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Settings. Fields that are missing have their default, unknown ones are dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "these are switches of people, each on its own; no state is spread over them"
)]
pub struct Settings {
    /// The name that others see; empty until it was typed.
    pub name: String,
    pub language: Language,
    pub theme: Theme,
    /// `deviceId` of the microphone; null takes the system's.
    pub microphone_id: Option<String>,
    pub camera_id: Option<String>,
    /// `deviceId` of the loudspeaker, where the webview can choose it.
    pub speaker_id: Option<String>,
    /// Join with the microphone on.
    pub microphone_on: bool,
    pub camera_on: bool,
    /// Audio processing (W3C Media Capture): people with headsets turn it off.
    pub echo_cancellation: bool,
    pub noise_suppression: bool,
    pub auto_gain_control: bool,
    /// `RTCIceServer` URLs. Empty: a LAN needs none.
    pub ice_servers: Vec<String>,
    /// Names of network interfaces to use; empty chooses the physical ones.
    pub interfaces: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            name: String::new(),
            language: Language::Auto,
            theme: Theme::Auto,
            microphone_id: None,
            camera_id: None,
            speaker_id: None,
            microphone_on: true,
            camera_on: true,
            echo_cancellation: true,
            noise_suppression: true,
            auto_gain_control: true,
            ice_servers: Vec::new(),
            interfaces: Vec::new(),
        }
    }
}

/// Language of the UI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[ts(export)]
pub enum Language {
    /// The system's.
    #[default]
    #[serde(rename = "auto")]
    Auto,
    #[serde(rename = "en")]
    English,
    #[serde(rename = "zh-CN")]
    SimplifiedChinese,
}

/// Colours of home and settings; the room is always dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum Theme {
    #[default]
    Auto,
    Light,
    Dark,
}
