{{ staged('recordings') }}
