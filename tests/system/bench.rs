// SPDX-License-Identifier: GPL-2.0

//! What our handlers may cost.

use std::collections::BTreeMap;

use lab::{
    bare::Bare,
    bench::{Bench, Cost, Costs, ANNOUNCED, SIZE, TYPES},
    debian,
    progress::show,
    Result,
};

/// By how much a median may be worse than the one in the tree.
const WORSE: f64 = 1.02;

type Of = fn(&Cost) -> u32;

const OPERATIONS: [(&str, Of); 4] = [
    ("read", |cost| cost.read),
    ("write", |cost| cost.write),
    ("refused write", |cost| cost.refused),
    ("open, read, close", |cost| cost.open),
];

#[test]
fn handlers_cost_less_than_cs_and_no_more_than_before() -> Result<()> {
    let bench = Bench::run(&Bare::newest()?, "bench")?;
    show(bench.table()?);
    let mut complaints = too_dear(&bench.costs)?;
    complaints.extend(too_loud(&bench)?);
    let baseline = Costs::baseline()?;
    complaints.extend(worse(&baseline, &bench.costs));
    let size = bench.size_of_bool()?;
    if size > SIZE {
        complaints.push(format!("bool: {size:.2} times as large as C's"));
    }
    let (now, then) = (&bench.costs.heading, &baseline.heading);
    let complaints = complaints.join("\n");
    assert!(
        complaints.is_empty(),
        "{now}; baseline: {then}\n{complaints}"
    );
    Ok(())
}

/// In a kernel without Rust support, the shares are those of its own C handlers, and the module itself has limits, as
/// it brings what it uses of the crates.
#[test]
fn handlers_cost_less_than_cs_in_a_kernel_without_rust() -> Result<()> {
    let bare = Bare::own()?;
    let bench = Bench::run(&bare, "bench-own")?;
    show(bench.table()?);
    let mut complaints = too_dear(&bench.costs)?;
    complaints.extend(too_loud(&bench)?);
    let file = bench.sizes.get("oximod").ok_or("no oximod")?.file;
    if file > 44 * 1024 {
        complaints.push(format!("oximod.ko: {file} bytes"));
    }
    let mut root = debian::forge()?.scratch()?;
    root.bind(bare.modules(), "/mnt/modules");
    let text = "objdump -h /mnt/modules/oximod.ko | awk '$2 == \".text\" { print $3 }'";
    let text = u32::from_str_radix(root.sh(text)?.ok()?.trim(), 16)?;
    if text > 6 * 1024 {
        complaints.push(format!("oximod.ko: {text} bytes of .text"));
    }
    show(format!("oximod.ko: {file} bytes, .text: {text}"));
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    Ok(())
}

/// Reads and writes that take more than their share of C's instructions.
fn too_dear(costs: &Costs) -> Result<Vec<String>> {
    let mut complaints = Vec::new();
    for (name, limits) in TYPES {
        for ((operation, of), limit) in OPERATIONS.iter().zip(limits) {
            let share = costs.share(name, *of)?;
            if share > *limit {
                complaints.push(format!(
                    "{name}: {operation}: {share:.2} of C's, over {limit:.2}"
                ));
            }
        }
    }
    Ok(complaints)
}

/// What announcing a change costs, if that is too much.
fn too_loud(bench: &Bench) -> Result<Option<String>> {
    let announced = bench.announced()?;
    let complaint = format!("announced: {announced:.3} times as dear");
    Ok((announced > ANNOUNCED).then_some(complaint))
}

/// Medians of ours that have worsened. What has changed of the kernel, and so of C's as well, is not
/// held against them.
fn worse(before: &Costs, now: &Costs) -> Vec<String> {
    let mut complaints = Vec::new();
    for (name, _) in TYPES {
        let (rust, c) = (format!("rust_{name}"), format!("c_{name}"));
        for (operation, of) in &OPERATIONS {
            let cost =
                |costs: &Costs, name| costs.costs.get(name).map_or(0.0, |cost| of(cost).into());
            let (found, kernel): (f64, f64) = (cost(now, &rust), cost(now, &c) / cost(before, &c));
            let expected = cost(before, &rust) * kernel;
            if found > WORSE * expected {
                complaints.push(format!("{name}: {operation}: {found}, was {expected}"));
            }
        }
    }
    complaints
}

#[test]
fn what_costs_too_much_is_seen() -> Result<()> {
    let costs = |ours: u32| {
        let cost = |all| Cost {
            read: all,
            write: all,
            refused: all,
            open: all,
        };
        let mut costs = BTreeMap::from([("floor".to_owned(), cost(1000))]);
        for (name, _) in TYPES {
            costs.insert(format!("c_{name}"), cost(2000));
            costs.insert(format!("rust_{name}"), cost(ours));
        }
        Costs {
            heading: "7.3.4".into(),
            costs,
        }
    };
    assert!(too_dear(&costs(1300))?.is_empty());
    assert_eq!(too_dear(&costs(1301))?.len(), 4);
    assert_eq!(too_dear(&costs(1401))?.len(), 2 * 4);
    assert_eq!(too_dear(&costs(1901))?.len(), 2 * 6);
    assert!(worse(&costs(1000), &costs(1020)).is_empty());
    assert_eq!(worse(&costs(1000), &costs(1021)).len(), 4 * 6);
    Ok(())
}
