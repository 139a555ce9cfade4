import pytest

from feedback.places import difference, places

SAME = [
    ("Ngõ 5 ngập", "ngõ 05 ngập quá"),
    ("Ngõ 5 ngập", "NGO 5 ngap"),
    ("Ngõ 5 ngập", "ngõ số 5 ngập"),
    ("Ngõ năm ngập", "ngo 5 ngap"),
    ("tổ dân phố số 3 mất nước", "TDP 3 mất nước"),
    ("tổ 3 mất nước", "to dan pho 3 mat nuoc"),
    ("Tổ III mất điện", "tổ ba mất điện"),
    ("ngõ 12 ngách 3 tối", "ngách 12/3 tối"),
    ("ngõ 12 ngách 3 tối", "ngo 12/3 toi"),
    ("số nhà 12A đổ rác", "so 12a do rac"),
    ("số 5/12 đổ rác", "nhà số 5/12 đổ rác"),
    ("Ngõ 5 ngập", "Trong ngõ nước không rút được"),
    ("Ngõ 5 ngập", "Ngập từ ngõ 5, 3 ngày nay chưa rút"),
    ("Nhà 3 tầng xây trái phép", "Nhà 5 tầng xây trái phép ạ"),
    ("tòa CT3 hỏng thang máy", "toà ct3 hong thang may"),
    ("ngõ 5 và 9 tối", "ngõ 9, ngõ 5 tối"),
    ("Đèn hỏng 2 tháng", "Đèn hỏng 3 tháng rồi"),
    ("rác ở ngõ sau nhà văn hóa", "rác ở ngõ 5"),
    ("Khu phố 2 mất nước", "KP2 mất nước"),
    ("Trước nhà có 5 hộ đổ rác", "Trước nhà có 9 hộ đổ rác"),
    ("Đã đợi 5 tháng", "đợi 7 tháng"),
    ("Kiến nghị phường 5 lần rồi", "kiến nghị phường 3 lần"),
    ("Đường 5 mét bị lấn", "đường 3 mét bị lấn"),
    ("Ngõ nhà bác Năm tối", "ngõ nhà cô Ba tối"),
]

OTHER = [
    ("Ngõ 5 ngập", "Ngõ 9 ngập", "Ngõ 5", "Ngõ 9"),
    ("ngo 5 ngap", "Ngõ 9 ngập", "ngo 5", "Ngõ 9"),
    ("Ngõ 5 ngập", "ngõ 15 ngập", "Ngõ 5", "ngõ 15"),
    ("ngõ năm tối", "ngõ chín tối", "ngõ năm", "ngõ chín"),
    ("tổ 3 mất nước", "tổ 4 mất nước", "tổ 3", "tổ 4"),
    ("tổ dân phố 3", "tdp số 4", "tổ dân phố 3", "tdp số 4"),
    ("số nhà 12 đổ rác", "số nhà 14 đổ rác", "số nhà 12", "số nhà 14"),
    ("số 12 đổ rác", "số 12A đổ rác", "số 12", "số 12A"),
    ("số 5/12 đổ rác", "số 5/14 đổ rác", "số 5/12", "số 5/14"),
    ("số 5/12 đổ rác", "số 5 đổ rác", "số 5/12", "số 5"),
    ("ngõ 12 ngách 3 tối", "ngõ 12 ngách 5 tối", "ngách 3", "ngách 5"),
    ("ngõ 12 ngách 3 tối", "ngách 12/5 tối", "ngách 3", "ngách 12/5"),
    ("ngõ 5 và 9 tối", "ngõ 5 tối", "ngõ 9", "ngõ 5"),
    ("ngõ 5 ngày nào cũng ngập", "ngõ 9 ngày nào cũng ngập", "ngõ 5", "ngõ 9"),
    ("tòa CT3 hỏng", "tòa CT4 hỏng", "tòa CT3", "tòa CT4"),
    ("Cột điện số 7 nghiêng", "cột điện 8 nghiêng", "Cột điện số 7", "cột điện 8"),
    ("KP2 mất nước", "khu phố 3 mất nước", "KP2", "khu phố 3"),
    ("số 5 ngày nào cũng ồn", "số 7 ngày nào cũng ồn", "số 5", "số 7"),
    ("Tòa A mất nước", "toà B mất nước", "Tòa A", "toà B"),
    ("Hẻm 5 ngập", "hem 7 ngap", "Hẻm 5", "hem 7"),
]


@pytest.mark.parametrize(("here", "there"), SAME)
def test_the_same_place_however_it_is_written(here, there):
    assert difference(here, there) is None
    assert difference(there, here) is None


@pytest.mark.parametrize(("here", "there", "one", "other"), OTHER)
def test_other_numbers_are_other_places(here, there, one, other):
    found = difference(here, there)
    assert (found.here, found.there) == (one, other)
    assert difference(there, here) is not None


def test_decomposed_letters_are_the_same_place():
    assert places("Ngo\N{COMBINING TILDE} 5") == {"ngo": {"5"}}
