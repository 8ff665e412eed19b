{{ staged('officers') }}
