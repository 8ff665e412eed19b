{{ staged('articles') }}
