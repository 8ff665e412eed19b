{{ staged('review_faults') }}
