{{ counts_by('agency_id') }}
