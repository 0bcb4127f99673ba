#[derive(Debug,Clone,Copy,PartialEq,Eq)] pub enum Mutation { FollowsWithoutLoss, KeepsBanned }
