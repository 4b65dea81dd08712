"""What privacy itself holds: nothing yet; its first table comes with the privacy engine."""

from caicaini.personal_data import Declaration

DATA_MAP: tuple[Declaration, ...] = ()
