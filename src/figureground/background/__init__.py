"""The empty scene behind the figures: its picture, its noise, and where a shaken frame lies on it."""
