"""Straw polls: who has answered and what was answered lie apart, without order or time. They decide nothing."""
