"""What several servers of one lab have in common, where `GDL_REDIS_URL` names a Redis or Valkey."""
