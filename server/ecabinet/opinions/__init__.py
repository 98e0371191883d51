"""Written opinions (phiếu lấy ý kiến): decisions asked of all members in writing, outside a session."""
