"""`chargepoint doctor`: proves the station piece by piece. Steps on devices are `hw.doctor`'s, the rest is here."""
