"""A stand-in for every service beside E-utilities: one made-up world with a clock, its wire formats, its faults."""

from tests.support.services_world.server import ServicesServer
from tests.support.services_world.world import Paper, World, WorldPreprint, WorldTrial

__all__ = ["Paper", "ServicesServer", "World", "WorldPreprint", "WorldTrial"]
