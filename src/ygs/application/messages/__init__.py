"""Every sentence a person reads, in Korean and English."""
