from __future__ import annotations

import numpy as np
import pytest

from wsal.testing import draw_world


def test_a_seed_draws_the_same_world_again():
    first, second = draw_world(7), draw_world(7)
    assert np.array_equal(first.votes.values, second.votes.values)
    assert np.array_equal(first.gold, second.gold)
    assert draw_world(8).votes.values.shape != first.votes.values.shape


def test_worlds_are_as_varied_as_they_say():
    worlds = [draw_world(seed) for seed in range(60)]
    assert {world.votes.n_classes for world in worlds} == {2, 3, 4, 6}
    assert {world.style for world in worlds} == {"rules", "voters", "mixed"}
    assert min(world.class_balance.min() for world in worlds) < 0.02
    assert sum(any(leader is not None for leader in world.leaders) for world in worlds) in range(15, 46)
    assert all(300 <= world.votes.n_items <= 4000 and 4 <= world.votes.n_lfs <= 40 for world in worlds)
    assert all(world.class_balance.sum() == pytest.approx(1) for world in worlds)
    right = [
        float((votes[votes >= 0] == world.gold[votes >= 0]).mean())
        for world in worlds
        for votes in world.votes.values.T
        if (votes >= 0).sum() > 30
    ]
    assert min(right) < 0.3
    assert max(right) > 0.95


def test_followers_repeat_their_leader():
    for seed in range(40):
        world = draw_world(seed)
        for j, leader in enumerate(world.leaders):
            if leader is None:
                continue
            both = (world.votes.values[:, [j, leader]] >= 0).all(axis=1)
            if both.sum() > 30:
                same = world.votes.values[both, j] == world.votes.values[both, leader]
                assert same.mean() > 0.8


def test_the_balance_of_covered_items_is_counted_there():
    world = draw_world(3)
    covered = (world.votes.values >= 0).any(axis=1)
    counts = np.bincount(world.gold[covered], minlength=world.votes.n_classes)
    assert world.balance_of_covered * (covered.sum() + len(counts) / 2) == pytest.approx(counts + 0.5)
