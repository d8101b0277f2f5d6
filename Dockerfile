# crimegraph alone: the binary holds the schema, the example and the pages.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -o /crimegraph ./cmd/crimegraph

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /crimegraph /crimegraph
USER nonroot:nonroot
EXPOSE 8080
ENTRYPOINT ["/crimegraph"]
CMD ["serve", "--listen", "0.0.0.0:8080"]
