"""The bodies of what a camera made of software answers over ONVIF."""

from dataclasses import dataclass
from typing import ClassVar
from xml.sax.saxutils import escape, quoteattr

from devices.virtual.head import Place

ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"'
    ' xmlns:ter="http://www.onvif.org/ver10/error"'
    ' xmlns:tt="http://www.onvif.org/ver10/schema"'
    ' xmlns:tds="http://www.onvif.org/ver10/device/wsdl"'
    ' xmlns:trt="http://www.onvif.org/ver10/media/wsdl"'
    ' xmlns:tptz="http://www.onvif.org/ver20/ptz/wsdl">'
    "<s:Body>{body}</s:Body></s:Envelope>"
)
FAULT = (
    "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:{subcode}</s:Value>"
    '</s:Subcode></s:Code><s:Reason><s:Text xml:lang="en">{reason}</s:Text></s:Reason></s:Fault>'
)
DATE_AND_TIME = (
    "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime>"
    "<tt:DateTimeType>Manual</tt:DateTimeType><tt:DaylightSavings>false</tt:DaylightSavings>"
    "<tt:UTCDateTime>"
    "<tt:Time><tt:Hour>{now:%H}</tt:Hour><tt:Minute>{now:%M}</tt:Minute>"
    "<tt:Second>{now:%S}</tt:Second></tt:Time>"
    "<tt:Date><tt:Year>{now:%Y}</tt:Year><tt:Month>{now:%m}</tt:Month><tt:Day>{now:%d}</tt:Day>"
    "</tt:Date></tt:UTCDateTime>"
    "</tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
)
DEVICE_INFORMATION = (
    "<tds:GetDeviceInformationResponse><tds:Manufacturer>avcontrol</tds:Manufacturer>"
    "<tds:Model>Virtual camera</tds:Model><tds:FirmwareVersion>1</tds:FirmwareVersion>"
    "<tds:SerialNumber>1</tds:SerialNumber><tds:HardwareId>software</tds:HardwareId>"
    "</tds:GetDeviceInformationResponse>"
)
STATUS = (
    "<tptz:GetStatusResponse><tptz:PTZStatus><tt:Position>"
    '<tt:PanTilt x="{look.pan:.4f}" y="{look.tilt:.4f}"/><tt:Zoom x="{look.zoom:.4f}"/>'
    "</tt:Position><tt:MoveStatus><tt:PanTilt>{moving}</tt:PanTilt><tt:Zoom>{moving}</tt:Zoom>"
    "</tt:MoveStatus><tt:UtcTime>{now:%Y-%m-%dT%H:%M:%SZ}</tt:UtcTime>"
    "</tptz:PTZStatus></tptz:GetStatusResponse>"
)


@dataclass(frozen=True, slots=True)
class Coding:
    """How a stream is set to be coded."""

    encoding: str = "H264"
    width: int = 1280
    height: int = 720
    frames_per_second: int = 30
    key_frame_distance: int = 30
    h264_profile: str = "Baseline"

    SIZES: ClassVar = ((1920, 1080), (1280, 720), (640, 360))


OPTIONS = (
    "<trt:GetVideoEncoderConfigurationOptionsResponse><trt:Options>"
    "<tt:QualityRange><tt:Min>1</tt:Min><tt:Max>6</tt:Max></tt:QualityRange><tt:H264>"
    + "".join(
        f"<tt:ResolutionsAvailable><tt:Width>{width}</tt:Width><tt:Height>{height}</tt:Height>"
        "</tt:ResolutionsAvailable>"
        for width, height in Coding.SIZES
    )
    + "<tt:GovLengthRange><tt:Min>1</tt:Min><tt:Max>400</tt:Max></tt:GovLengthRange>"
    "<tt:FrameRateRange><tt:Min>1</tt:Min><tt:Max>30</tt:Max></tt:FrameRateRange>"
    "<tt:EncodingIntervalRange><tt:Min>1</tt:Min><tt:Max>1</tt:Max></tt:EncodingIntervalRange>"
    "<tt:H264ProfilesSupported>Baseline</tt:H264ProfilesSupported>"
    "<tt:H264ProfilesSupported>Main</tt:H264ProfilesSupported>"
    "</tt:H264></trt:Options></trt:GetVideoEncoderConfigurationOptionsResponse>"
)


def capabilities(origin: str, *, turns: bool) -> str:
    ptz = f"<tt:PTZ><tt:XAddr>{origin}/onvif/ptz_service</tt:XAddr></tt:PTZ>" if turns else ""
    return (
        "<tds:GetCapabilitiesResponse><tds:Capabilities>"
        f"<tt:Device><tt:XAddr>{origin}/onvif/device_service</tt:XAddr></tt:Device>"
        f"<tt:Media><tt:XAddr>{origin}/onvif/media_service</tt:XAddr>"
        "<tt:StreamingCapabilities><tt:RTPMulticast>false</tt:RTPMulticast>"
        "<tt:RTP_TCP>true</tt:RTP_TCP><tt:RTP_RTSP_TCP>true</tt:RTP_RTSP_TCP>"
        f"</tt:StreamingCapabilities></tt:Media>{ptz}"
        "</tds:Capabilities></tds:GetCapabilitiesResponse>"
    )


def nodes(low: float, high: float) -> str:
    axis = f"<tt:Min>{low}</tt:Min><tt:Max>{high}</tt:Max>"
    space = "http://www.onvif.org/ver10/tptz"
    return (
        '<tptz:GetNodesResponse><tptz:PTZNode token="node"><tt:Name>head</tt:Name>'
        "<tt:SupportedPTZSpaces><tt:ContinuousPanTiltVelocitySpace>"
        f"<tt:URI>{space}/PanTiltSpaces/VelocityGenericSpace</tt:URI>"
        f"<tt:XRange>{axis}</tt:XRange><tt:YRange>{axis}</tt:YRange>"
        "</tt:ContinuousPanTiltVelocitySpace><tt:ContinuousZoomVelocitySpace>"
        f"<tt:URI>{space}/ZoomSpaces/VelocityGenericSpace</tt:URI>"
        f"<tt:XRange>{axis}</tt:XRange></tt:ContinuousZoomVelocitySpace></tt:SupportedPTZSpaces>"
        "<tt:MaximumNumberOfPresets>100</tt:MaximumNumberOfPresets>"
        "<tt:HomeSupported>true</tt:HomeSupported></tptz:PTZNode></tptz:GetNodesResponse>"
    )


def profile(token: str, coding: Coding, turns: bool) -> str:
    ptz = (
        '<tt:PTZConfiguration token="ptz"><tt:Name>head</tt:Name><tt:UseCount>1</tt:UseCount>'
        "<tt:NodeToken>node</tt:NodeToken></tt:PTZConfiguration>"
    )
    return (
        f'<trt:Profiles token="{token}" fixed="true"><tt:Name>{token}</tt:Name>'
        '<tt:VideoSourceConfiguration token="source"><tt:Name>sensor</tt:Name>'
        "<tt:UseCount>2</tt:UseCount><tt:SourceToken>sensor</tt:SourceToken>"
        '<tt:Bounds x="0" y="0" width="1280" height="720"/></tt:VideoSourceConfiguration>'
        f"{encoder('tt:VideoEncoderConfiguration', token, coding)}{ptz if turns else ''}"
        "</trt:Profiles>"
    )


def encoder(element: str, token: str, coding: Coding) -> str:
    return (
        f'<{element} token="encoder-{token}"><tt:Name>{token}</tt:Name>'
        f"<tt:UseCount>1</tt:UseCount><tt:Encoding>{coding.encoding}</tt:Encoding>"
        f"<tt:Resolution><tt:Width>{coding.width}</tt:Width><tt:Height>{coding.height}</tt:Height>"
        "</tt:Resolution><tt:Quality>4</tt:Quality><tt:RateControl>"
        f"<tt:FrameRateLimit>{coding.frames_per_second}</tt:FrameRateLimit>"
        "<tt:EncodingInterval>1</tt:EncodingInterval><tt:BitrateLimit>2048</tt:BitrateLimit>"
        f"</tt:RateControl><tt:H264><tt:GovLength>{coding.key_frame_distance}</tt:GovLength>"
        f"<tt:H264Profile>{coding.h264_profile}</tt:H264Profile></tt:H264>"
        "<tt:Multicast><tt:Address><tt:Type>IPv4</tt:Type><tt:IPv4Address>0.0.0.0</tt:IPv4Address>"
        "</tt:Address><tt:Port>0</tt:Port><tt:TTL>1</tt:TTL><tt:AutoStart>false</tt:AutoStart>"
        f"</tt:Multicast><tt:SessionTimeout>PT60S</tt:SessionTimeout></{element}>"
    )


def preset(token: str, place: Place) -> str:
    return (
        f"<tptz:Preset token={quoteattr(token)}><tt:Name>{escape(place.name)}</tt:Name>"
        f'<tt:PTZPosition><tt:PanTilt x="{place.look.pan}" y="{place.look.tilt}"/>'
        f'<tt:Zoom x="{place.look.zoom}"/></tt:PTZPosition></tptz:Preset>'
    )
