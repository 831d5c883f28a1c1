//! Which subnets follow which table, and which table is a VPC's main one.

use aws_sdk_ec2::types::{RouteTable, RouteTableAssociation, RouteTableAssociationStateCode};
use landfall_model::types::Ref;
use landfall_model::{CloudError, TagChange, tags};

use crate::Aws;
use crate::batch::each;
use crate::error::Answer;
use crate::kinds::subnet::Subnet;
use crate::services::ec2::{self, filter};

/// The tag by which a main table remembers the one that was it before: every VPC has a main table,
/// which cannot be deleted, so it has to be handed back. It belongs to the association, so it is
/// not among the tags that are read.
pub const FORMER_MAIN: &str = "landfall:former-main";

/// The associations of a table that hold or are about to.
pub fn live(table: &RouteTable) -> impl Iterator<Item = &RouteTableAssociation> {
    table.associations().iter().filter(|association| {
        let state = association.association_state.as_ref().and_then(|state| state.state.as_ref());
        // Emulators leave the state out.
        matches!(
            state,
            None | Some(
                RouteTableAssociationStateCode::Associated
                    | RouteTableAssociationStateCode::Associating
            )
        )
    })
}

/// The route tables of a VPC. AWS addresses associations by ids of their own, and a subnet that
/// follows another table is moved by a call of its own.
pub struct Tables(Vec<RouteTable>);

impl Tables {
    pub async fn of(aws: &Aws, vpc: &str) -> Result<Tables, CloudError> {
        let call = aws.ec2.describe_route_tables().filters(filter("vpc-id", [vpc]));
        let tables = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        tables.named("ec2:DescribeRouteTables").map(Tables)
    }

    fn find(&self, which: impl Fn(&RouteTableAssociation) -> bool) -> Option<(&str, &str)> {
        self.0.iter().find_map(|table| {
            let association = live(table).find(|association| which(association))?;
            let id = association.route_table_association_id.as_deref()?;
            Some((table.route_table_id.as_deref()?, id))
        })
    }

    fn find_subnet(&self, subnet: &str) -> Option<(&str, &str)> {
        self.find(|association| association.subnet_id.as_deref() == Some(subnet))
    }

    fn find_main(&self) -> Option<(&str, &str)> {
        self.find(|association| association.main == Some(true))
    }

    /// Lets subnets follow a table. One that follows another is moved without a gap.
    pub async fn associate<'a>(
        &self,
        aws: &Aws,
        table: &str,
        subnets: impl Iterator<Item = &'a Ref<Subnet>>,
    ) -> Result<(), CloudError> {
        let subnets: Vec<String> = subnets.map(String::from).collect();
        each(subnets, |subnet| async move {
            match self.find_subnet(&subnet) {
                Some((other, _)) if other == table => Ok(()),
                Some((_, association)) => replace(aws, association, table).await,
                None => {
                    let call = aws.ec2.associate_route_table().route_table_id(table);
                    call.subnet_id(subnet).send().await.named("ec2:AssociateRouteTable").map(drop)
                }
            }
        })
        .await
        .map(drop)
    }

    /// Lets subnets no longer follow a table. One that has moved on already is left alone.
    pub async fn dissociate<'a>(
        &self,
        aws: &Aws,
        table: &str,
        subnets: impl Iterator<Item = &'a Ref<Subnet>>,
    ) -> Result<(), CloudError> {
        let ours = subnets.filter_map(|subnet| self.find_subnet(subnet.as_str()));
        let ours: Vec<String> =
            ours.filter(|(other, _)| *other == table).map(|(_, id)| id.to_owned()).collect();
        each(ours, |association| async move {
            let call = aws.ec2.disassociate_route_table().association_id(association);
            call.send().await.or_missing("ec2:DisassociateRouteTable").map(drop)
        })
        .await
        .map(drop)
    }

    /// Makes a table the VPC's main one.
    pub async fn make_main(&self, aws: &Aws, table: &str) -> Result<(), CloudError> {
        match self.find_main() {
            Some((former, association)) if former != table => {
                let note = (FORMER_MAIN.to_owned(), former.to_owned());
                let note = TagChange { set: [note].into(), remove: Vec::new() };
                ec2::retag(aws, table, &note).await?;
                replace(aws, association, table).await
            }
            _ => Ok(()),
        }
    }

    /// Hands the main association back to the table that had it before.
    pub async fn unmake_main(&self, aws: &Aws, table: &str) -> Result<(), CloudError> {
        let Some((_, association)) = self.find_main().filter(|(main, _)| *main == table) else {
            return Ok(());
        };
        let Some(former) = self.former_main(table) else {
            let message =
                format!("{table} is the main route table of its VPC, and no other is left");
            return Err(CloudError::unexpected("ec2:ReplaceRouteTableAssociation", message));
        };
        replace(aws, association, former).await?;
        let forget = TagChange { remove: vec![FORMER_MAIN.to_owned()], ..TagChange::default() };
        ec2::retag(aws, table, &forget).await
    }

    fn former_main(&self, table: &str) -> Option<&str> {
        let ours = self.0.iter().find(|one| one.route_table_id.as_deref() == Some(table))?;
        let noted = ours.tags().iter().find(|tag| tag.key() == Some(FORMER_MAIN));
        let noted = noted.and_then(|tag| tag.value());
        let others = || self.0.iter().filter_map(|one| one.route_table_id.as_deref());
        others().find(|id| Some(*id) == noted).or_else(|| {
            // Without the note, the table that came with the VPC: nobody's, and without subnets.
            let bare = |one: &&RouteTable| {
                let owned = one.tags().iter().any(|tag| tag.key() == Some(tags::STACK));
                !owned && live(one).next().is_none()
            };
            let mut bare =
                self.0.iter().filter(bare).filter_map(|one| one.route_table_id.as_deref());
            bare.next().filter(|_| bare.next().is_none())
        })
    }
}

async fn replace(aws: &Aws, association: &str, table: &str) -> Result<(), CloudError> {
    let call = aws.ec2.replace_route_table_association().association_id(association);
    let answer = call.route_table_id(table).send().await;
    answer.named("ec2:ReplaceRouteTableAssociation").map(drop)
}
