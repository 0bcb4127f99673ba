//! Bytes as they travel: big-endian numbers, fields of fixed length, and lists with their count in front. Every count has its bound.

use landline_trust::{PublicKey, Signature};

/// Bytes that are not what they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    #[error("the bytes end too early")]
    Short,
    #[error("bytes are left over")]
    Long,
    #[error("more than the bound allows")]
    Bound,
    #[error("a value that does not exist")]
    Value,
}

/// Writes.
#[derive(Debug, Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub(crate) fn done(self) -> Vec<u8> {
        self.0
    }

    pub(crate) fn u8(&mut self, value: u8) -> &mut Self {
        self.0.push(value);
        self
    }

    pub(crate) fn u32(&mut self, value: u32) -> &mut Self {
        self.raw(&value.to_be_bytes())
    }

    pub(crate) fn u64(&mut self, value: u64) -> &mut Self {
        self.raw(&value.to_be_bytes())
    }

    pub(crate) fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    pub(crate) fn key(&mut self, key: &PublicKey) -> &mut Self {
        self.raw(key.bytes())
    }

    pub(crate) fn signature(&mut self, signature: &Signature) -> &mut Self {
        self.raw(signature.bytes())
    }

    /// Counts are bounded far below 2^32 by who writes.
    pub(crate) fn count(&mut self, count: usize) -> &mut Self {
        self.u32(u32::try_from(count).unwrap_or(u32::MAX))
    }

    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.count(text.len()).raw(text.as_bytes())
    }

    pub(crate) fn list<T>(
        &mut self,
        items: &[T],
        mut each: impl FnMut(&mut Self, &T),
    ) -> &mut Self {
        self.count(items.len());
        for item in items {
            each(self, item);
        }
        self
    }
}

/// Reads.
#[derive(Debug)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Nothing may follow.
    pub(crate) fn end(&self) -> Result<(), Malformed> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Malformed::Long)
        }
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let (head, tail) = self.0.split_at_checked(length).ok_or(Malformed::Short)?;
        self.0 = tail;
        Ok(head)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        <[u8; N]>::try_from(self.take(N)?).map_err(|_| Malformed::Short)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, Malformed> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    pub(crate) fn bool(&mut self) -> Result<bool, Malformed> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Malformed::Value),
        }
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Malformed> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    pub(crate) fn u64(&mut self) -> Result<u64, Malformed> {
        Ok(u64::from_be_bytes(self.array()?))
    }

    pub(crate) fn key(&mut self) -> Result<PublicKey, Malformed> {
        PublicKey::from_bytes(self.take(65)?).map_err(|_| Malformed::Value)
    }

    pub(crate) fn signature(&mut self) -> Result<Signature, Malformed> {
        Ok(Signature::from_bytes(self.array()?))
    }

    pub(crate) fn count(&mut self, most: usize) -> Result<usize, Malformed> {
        let count = usize::try_from(self.u32()?).map_err(|_| Malformed::Bound)?;
        if count <= most {
            Ok(count)
        } else {
            Err(Malformed::Bound)
        }
    }

    pub(crate) fn text(&mut self, most_bytes: usize) -> Result<String, Malformed> {
        let length = self.count(most_bytes)?;
        let bytes = self.take(length)?;
        String::from_utf8(bytes.to_vec()).map_err(|_| Malformed::Value)
    }

    pub(crate) fn list<T>(
        &mut self,
        most: usize,
        mut each: impl FnMut(&mut Self) -> Result<T, Malformed>,
    ) -> Result<Vec<T>, Malformed> {
        // No memory is set aside for a count that is only said.
        (0..self.count(most)?).map(|_| each(self)).collect()
    }
}
