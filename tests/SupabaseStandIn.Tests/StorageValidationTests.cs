using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Testing.Postgres;
using TestRequirements;

namespace SupabaseStandIn.Tests;

/// <summary>Requests that Storage's web framework rejects. The messages are those of its validator, as in the source of Storage.</summary>
[TestFixture]
internal sealed class StorageValidationTests
{
    private const string Bucket =
        "insert into storage.buckets (id, name) values ('files', 'files') on conflict do nothing;";

    private StandIn _standIn = null!;
    private HttpClient _client = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        Requirement.Met(ThrowAwayPostgres.UnavailableReason);
        _standIn = await StandIn.StartAsync(new StandInOptions { Migrations = false });
        await _standIn.Control.ExecuteAsync(Bucket);
        _client = new HttpClient { BaseAddress = new Uri(_standIn.Url) };
        _client.DefaultRequestHeaders.Add("apikey", _standIn.Keys.Secret);
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _standIn.Keys.Secret);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _client?.Dispose();
        if (_standIn is not null)
        {
            await _standIn.DisposeAsync();
        }
    }

    [TestCase("""{"prefix":"","limit":0}""", "body/limit must be >= 1")]
    [TestCase("""{"prefix":"","limit":"ten"}""", "body/limit must be integer")]
    [TestCase("""{"prefix":"","limit":1.5}""", "body/limit must be integer")]
    [TestCase("""{"prefix":"","offset":-1}""", "body/offset must be >= 0")]
    [TestCase("""{"prefix":[]}""", "body/prefix must be string")]
    [TestCase("""{"prefix":"","sortBy":"name"}""", "body/sortBy must be object")]
    [TestCase("""{"prefix":"","sortBy":{"order":"asc"}}""", "body/sortBy must have required property 'column'")]
    [TestCase("""{"prefix":"","sortBy":{"column":"size"}}""", "body/sortBy/column must be equal to one of the allowed values")]
    [TestCase("""{"prefix":"","sortBy":{"column":"name","order":"up"}}""", "body/sortBy/order must be equal to one of the allowed values")]
    public async Task An_invalid_listing_is_400(string body, string message)
    {
        using var response = await _client.PostAsync("/storage/v1/object/list/files", Json(body));

        await ShouldBeInvalidAsync(response, message);
    }

    [TestCase("""{"prefix":"","limit":"10","sortBy":{"column":"last_accessed_at","order":"desc"}}""")]
    [TestCase("""{"prefix":""}""")]
    public async Task A_valid_listing_is_200(string body)
    {
        using var response = await _client.PostAsync("/storage/v1/object/list/files", Json(body));

        response.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [TestCase("""{}""", "body must have required property 'prefixes'")]
    [TestCase("""{"prefixes":[]}""", "body/prefixes must NOT have fewer than 1 items")]
    [TestCase("""{"prefixes":{}}""", "body/prefixes must be array")]
    [TestCase("""{"prefixes":["a",{}]}""", "body/prefixes/1 must be string")]
    public async Task An_invalid_deletion_is_400(string body, string message)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, "/storage/v1/object/files") { Content = Json(body) };
        using var response = await _client.SendAsync(request);

        await ShouldBeInvalidAsync(response, message);
    }

    [TestCase(100, 400, "Request stream closed before upload could begin")]
    [TestCase(300_000, 500, "Part terminated early due to unexpected end of multipart data")]
    public async Task A_form_without_its_end_is_rejected(int length, int status, string message)
    {
        byte[] form = [.. "--b\r\nContent-Disposition: form-data; name=\"\"; filename=\"a.txt\"\r\n\r\n"u8, .. new byte[length]];
        using var content = new ByteArrayContent(form);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=b");

        using var response = await _client.PostAsync($"/storage/v1/object/files/cut-{length}.txt", content);

        ((int)response.StatusCode).Should().Be(status);
        (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("message").GetString().Should().Be(message);
    }

    [TestCase("not base64!")]
    [TestCase("bm90IGpzb24=")]
    public async Task Metadata_other_than_JSON_is_ignored(string metadata)
    {
        var path = $"/storage/v1/object/files/{Guid.NewGuid():N}.txt";
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent([1, 2, 3]) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("text/plain");
        request.Headers.Add("x-metadata", metadata);
        using var response = await _client.SendAsync(request);
        using var info = await _client.GetAsync(path.Replace("/object/", "/object/info/", StringComparison.Ordinal));

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        (await info.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("metadata").EnumerateObject().Should().BeEmpty();
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    private static async Task ShouldBeInvalidAsync(HttpResponseMessage response, string message)
    {
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        var body = await response.Content.ReadFromJsonAsync<JsonElement>();
        body.GetProperty("statusCode").GetString().Should().Be("400");
        body.GetProperty("message").GetString().Should().Be(message);
    }
}
