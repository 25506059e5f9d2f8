//! Settings, for admins.

pub mod platforms;
