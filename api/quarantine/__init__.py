"""Operations that were held or rejected, and records that never arrived: seen by supervisors, adopted or dismissed by them."""
