"""Who is who through a whole video: the type Tracks, its file, and other tools' files."""

from figureground.tracks.outlines import Outlines
from figureground.tracks.tracks import Stamp, TrackInfo, Tracks

__all__ = ["Outlines", "Stamp", "TrackInfo", "Tracks"]
