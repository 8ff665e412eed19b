{{ counts_by('subject_id') }}
