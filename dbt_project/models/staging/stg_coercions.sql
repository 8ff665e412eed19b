{{ staged('coercions') }}
