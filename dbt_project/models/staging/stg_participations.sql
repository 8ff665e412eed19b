{{ staged('participations') }}
