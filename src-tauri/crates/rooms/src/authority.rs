//! What a room asks of its caller: randomness and secrets.

/// Gives ids and vouches for seats.
pub trait Authority {
    /// A new client id: 12 random characters of base 36. The room sees to it that none is used twice.
    fn new_id(&mut self) -> String;

    /// The token that opens the seat `client_id` of `name` again, in this meeting.
    fn issue(&mut self, client_id: &str, name: Option<&str>) -> String;

    /// Whether `token` was issued for this seat, by this host or by the same host before it was restarted.
    fn vouches(&mut self, client_id: &str, name: Option<&str>, token: &str) -> bool;
}
