/** A vote afterwards: its sheet, and the voter's own ballot in the record. */
export const proof = {
  'proof.sheet': 'Phiếu kết quả biểu quyết (PDF)',
  'proof.check': 'Kiểm tra phiếu của tôi',
  'proof.found': 'Phiếu của đồng chí có trong sổ ghi',
  'proof.foundText': 'Phiếu “{choice}” được ghi ở mục số {number}, trong sổ ghi có {size} mục đã ký.',
  'proof.how': 'Máy của đồng chí vừa tự tính lại từ nội dung lá phiếu đến sổ ghi đã ký; mọi bước đều khớp.',
  'proof.notFound': 'Không khớp với sổ ghi',
  'proof.flaw.receipt': 'Lá phiếu trong sổ ghi khác với biên nhận trên máy này.',
  'proof.flaw.commitment': 'Mục trong sổ ghi không giữ lá phiếu này.',
  'proof.flaw.root': 'Mục ghi lá phiếu không dẫn đến sổ ghi đã ký.',
  'proof.flaw.note': 'Chữ ký của sổ ghi là của một trạng thái khác.',
  'proof.tell': 'Đồng chí báo ngay cho thư ký phiên họp và giữ nguyên trang này.',
  'proof.cannot': 'Trình duyệt này không kiểm tra được. Đồng chí mở trang bằng đường dẫn https.',
} as const;
