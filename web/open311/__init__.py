"""Open311 GeoReport v2, served: other systems send in cases and read how they stand.

    GET  /open311/v2/services.xml             what there is to ask for: the eight topics
    POST /open311/v2/requests.xml             api_key=…&service_code=infrastructure&address_string=…
    GET  /open311/v2/requests.xml             how all of them stand
    GET  /open311/v2/requests/{id}.xml        how one of them stands

The same with `.json`. The house serves it at its own address, the ward's hub under `/h/to-5/` as
it does the residents' pages, and for all of its houses at once by `jurisdiction_id`. OPEN311.md,
beside this file, says what is this server's own; the specification is
https://wiki.open311.org/GeoReport_v2.
"""
