{{ staged('subjects') }}
