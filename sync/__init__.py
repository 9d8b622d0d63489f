"""Operations to state to views. Pure: no database, no network, no clock; time and rights are arguments."""
