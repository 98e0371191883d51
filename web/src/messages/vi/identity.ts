export const identity = {
  'identity.title': 'Đăng nhập',
  'identity.tagline': 'Phòng họp trực tuyến và không giấy tờ',
  'identity.username': 'Tên đăng nhập',
  'identity.password': 'Mật khẩu',
  'identity.show': 'Hiện mật khẩu',
  'identity.hide': 'Ẩn mật khẩu',
  'identity.enter': 'Đăng nhập',
  'identity.missing': 'Đồng chí nhập cả tên đăng nhập và mật khẩu.',
  'identity.throttled': 'Sai quá nhiều lần',
  'identity.tryAfter': 'Tài khoản không bị khóa. Đồng chí thử lại sau',
  'identity.seconds': '{seconds} giây.',
  'identity.trouble': 'Quên mật khẩu: đồng chí liên hệ Văn phòng hoặc quản trị hệ thống của cơ quan.',
  'identity.four': 'Họp không gặp mặt. Văn bản không giấy.',
  'identity.noBody': 'Tài khoản chưa thuộc cơ quan nào',
  'identity.noBodyText':
    'Đồng chí đã đăng nhập đúng, nhưng chưa được ghi vào tập thể hay phiên họp nào. Đồng chí liên hệ thư ký hoặc quản trị hệ thống của cơ quan.',
} as const;
