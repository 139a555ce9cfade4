"""What is said to other systems that speak Open311: what a request lacks, and what there is to ask
for."""

from web.sentences import Sentence

SENTENCES = {
    "georeport.key": Sentence(
        vi="Thiếu api_key, hoặc api_key không đúng. Xin hỏi {place} để được cấp khóa.",
        en="The api_key is missing or wrong. Ask {place} for a key.",
    ),
    "georeport.no_jurisdiction": Sentence(
        vi="Thiếu jurisdiction_id: địa chỉ này nhận cho nhiều nhà văn hóa.",
        en="There is no jurisdiction_id: this endpoint serves several houses.",
    ),
    "georeport.unknown_jurisdiction": Sentence(
        vi="Không có jurisdiction_id “{found}” ở đây.",
        en="There is no jurisdiction_id “{found}” here.",
    ),
    "georeport.no_service": Sentence(
        vi="Thiếu service_code. Danh sách ở services.xml.",
        en="There is no service_code. They are listed in services.xml.",
    ),
    "georeport.unknown_service": Sentence(
        vi="Không có service_code “{found}”. Danh sách ở services.xml.",
        en="There is no service_code “{found}”. They are listed in services.xml.",
    ),
    "georeport.unknown_request": Sentence(
        vi="Không có service_request_id “{found}”.",
        en="There is no service_request_id “{found}”.",
    ),
    "georeport.unknown_token": Sentence(
        vi="Không có token “{found}”. Ở đây mỗi lần gửi đều có ngay service_request_id.",
        en="There is no token “{found}”. Each request gets its service_request_id at once here.",
    ),
    "georeport.no_place": Sentence(
        vi="Thiếu địa điểm: cần lat và long, hoặc address_string, hoặc address_id.",
        en="There is no place: lat and long, address_string or address_id is needed.",
    ),
    "georeport.half_a_point": Sentence(
        vi="lat và long phải đi cùng nhau.",
        en="lat and long come together or not at all.",
    ),
    "georeport.coordinate": Sentence(
        vi="{field} phải là số độ (WGS 84) từ -{most} đến {most}, ví dụ {example}.",
        en="{field} has to be degrees (WGS 84) between -{most} and {most}, such as {example}.",
    ),
    "georeport.too_long": Sentence(
        vi="{field} dài quá {most} ký tự.",
        en="{field} is longer than {most} characters.",
    ),
    "georeport.twice": Sentence(
        vi="{field} chỉ được gửi một lần.",
        en="{field} may be sent only once.",
    ),
    "georeport.media_url": Sentence(
        vi="media_url phải là địa chỉ đầy đủ, bắt đầu bằng http:// hoặc https://.",
        en="media_url has to be a whole address that begins with http:// or https://.",
    ),
    "georeport.unknown_attribute": Sentence(
        vi="Không có attribute “{found}”. Danh sách ở services/{service}.xml.",
        en="There is no attribute “{found}”. They are listed in services/{service}.xml.",
    ),
    "georeport.attribute_value": Sentence(
        vi="attribute[{code}] phải là một trong: {allowed}.",
        en="attribute[{code}] has to be one of: {allowed}.",
    ),
    "georeport.not_a_form": Sentence(
        vi="Xin gửi dạng application/x-www-form-urlencoded, UTF-8, dưới 64 KiB.",
        en="Send it as application/x-www-form-urlencoded, in UTF-8, with less than 64 KiB.",
    ),
    "georeport.date": Sentence(
        vi="{field} phải theo W3C, có múi giờ, ví dụ 2026-01-01T00:00:00+07:00.",
        en="{field} has to be a W3C date with a time zone, such as 2026-01-01T00:00:00+07:00.",
    ),
    "georeport.dates": Sentence(
        vi="end_date ở trước start_date.",
        en="end_date is before start_date.",
    ),
    "georeport.span": Sentence(
        vi="Từ start_date đến end_date không được quá {days} ngày.",
        en="From start_date to end_date there may be at most {days} days.",
    ),
    "georeport.status": Sentence(
        vi="status phải là open hoặc closed, không phải “{found}”.",
        en="status has to be open or closed, not “{found}”.",
    ),
    "georeport.too_many_ids": Sentence(
        vi="Mỗi lần chỉ hỏi được {most} service_request_id.",
        en="At most {most} service_request_id can be asked for at once.",
    ),
    "georeport.no_such_address": Sentence(
        vi="Không có địa chỉ này. GET: services, services/{{service_code}}, requests, "
        "requests/{{service_request_id}}, tokens/{{token}}, discovery. POST: requests. "
        "Tất cả với .xml hoặc .json.",
        en="There is nothing at this address. GET: services, services/{{service_code}}, requests, "
        "requests/{{service_request_id}}, tokens/{{token}}, discovery. POST: requests. "
        "All of them with .xml or .json.",
    ),
    # What is told with what was asked for
    "georeport.receipt": Sentence(
        vi="Mã tiếp nhận {receipt}. Xem trả lời tại {url}. Xin đưa mã này cho người gửi phản ánh: "
        "ai có mã thì xem được.",
        en="Receipt {receipt}. The answer will be at {url}. Give this code to whoever sent the "
        "request: whoever has it can look.",
    ),
    "georeport.citizens": Sentence(vi="{where} ({hours}).", en="{where} ({hours})."),
    "georeport.contact": Sentence(vi="Xin hỏi {place}.", en="Ask {place}."),
    "georeport.key_service": Sentence(
        vi="Chỉ cần api_key khi gửi (POST). Muốn được cấp khóa, xin hỏi {contact}.",
        en="An api_key is needed to send (POST) alone. To get one, ask {contact}.",
    ),
    "georeport.waiting": Sentence(vi="Chờ xử lý", en="Waiting to be dealt with"),
    "georeport.in_progress": Sentence(vi="Đang xử lý", en="Being dealt with"),
    "georeport.transferred": Sentence(vi="Chuyển xử lý", en="Transferred to another authority"),
    "georeport.answered": Sentence(vi="Đã xử lý", en="Answered"),
    "georeport.refused": Sentence(vi="Từ chối", en="Refused"),
    # The services
    "georeport.group": Sentence(vi="Phản ánh, kiến nghị", en="Residents' matters"),
    "georeport.environment": Sentence(vi="Vệ sinh môi trường", en="Environment and cleanliness"),
    "georeport.about-environment": Sentence(
        vi="Rác, nước thải, mùi hôi, khói bụi, tiếng ồn, cây xanh.",
        en="Rubbish, waste water, smells, smoke and dust, noise, trees.",
    ),
    "georeport.urban-order": Sentence(vi="Trật tự đô thị", en="Urban order"),
    "georeport.about-urban-order": Sentence(
        vi="Lấn chiếm vỉa hè, đỗ xe, xây dựng, quảng cáo, hàng rong.",
        en="Blocked pavements, parking, building, advertising, street trade.",
    ),
    "georeport.procedures": Sentence(vi="Thủ tục hành chính", en="Administrative procedures"),
    "georeport.about-procedures": Sentence(
        vi="Giấy tờ, hộ tịch, cư trú, đất đai, hồ sơ chậm.",
        en="Papers, civil status, residence, land, delayed files.",
    ),
    "georeport.social-security": Sentence(vi="An sinh xã hội", en="Social security"),
    "georeport.about-social-security": Sentence(
        vi="Trợ cấp, bảo hiểm, người cao tuổi, người khuyết tật, hộ khó khăn.",
        en="Allowances, insurance, the elderly, people with disabilities, households in need.",
    ),
    "georeport.block-life": Sentence(vi="Hoạt động khu dân cư", en="Life of the block"),
    "georeport.about-block-life": Sentence(
        vi="Nhà văn hóa, quỹ, họp tổ, văn nghệ, thể thao, tình làng nghĩa xóm.",
        en="The community house, funds, meetings, culture, sports, neighbours.",
    ),
    "georeport.public-safety": Sentence(vi="An ninh", en="Public safety"),
    "georeport.about-public-safety": Sentence(
        vi="Trộm cắp, gây rối, ma túy, cháy nổ. Việc khẩn xin gọi 113 hoặc 114.",
        en="Theft, disturbance, drugs, fire hazards. In an emergency call 113 or 114.",
    ),
    "georeport.infrastructure": Sentence(vi="Hạ tầng", en="Infrastructure"),
    "georeport.about-infrastructure": Sentence(
        vi="Đường, ngõ, cống, ngập, đèn đường, điện, nước sạch.",
        en="Roads, lanes, drains, flooding, street lamps, electricity, water.",
    ),
    "georeport.other": Sentence(vi="Việc khác", en="Other"),
    "georeport.about-other": Sentence(
        vi="Việc không thuộc lĩnh vực nào ở trên, hoặc chưa được phân loại.",
        en="What belongs to none of the others, or was not sorted yet.",
    ),
    # Their attributes
    "georeport.notice": Sentence(
        vi="Khiếu nại, tố cáo có trình tự riêng theo luật: xin gửi trực tiếp tới cơ quan có thẩm "
        "quyền. Câu trả lời được đăng công khai, không kèm họ tên.",
        en="Complaints and denunciations (khiếu nại, tố cáo) go their own way by law: bring them "
        "to the competent authority itself. Answers are published, without names.",
    ),
    "georeport.hide-name": Sentence(
        vi="Giấu tên với cán bộ xử lý?", en="Hide the name from whoever deals with it?"
    ),
    "georeport.about-hide-name": Sentence(
        vi="Chọn một; không chọn là không giấu.",
        en="Choose one; without a choice it is not hidden.",
    ),
    "georeport.keep-name": Sentence(
        vi="Người gửi đồng ý cho ghi tên cùng phản ánh, để biết ai hỏi và liên hệ khi cần? Rút lại "
        "lúc nào cũng được.",
        en="Does the sender agree that the name is kept with the request, to know who asks and to "
        "reach them if needed? This may be taken back at any time.",
    ),
    "georeport.about-keep-name": Sentence(
        vi="Chọn một; không đồng ý thì tên không được ghi lại.",
        en="Choose one; without a yes no name is kept.",
    ),
    "georeport.yes": Sentence(vi="Có", en="Yes"),
    "georeport.no": Sentence(vi="Không", en="No"),
}
