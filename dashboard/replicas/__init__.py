"""What several servers of one lab share. One server alone imports none of it but the address."""
