using System.Net;
using FluentAssertions;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using SessionRecovery.FieldTests.Hosting;

namespace SessionRecovery.FieldTests.Money;

/// <summary>Tests that a paid request is identified by its body, regardless of how the host reads the body.</summary>
[TestFixture]
internal sealed class FormTests : FieldTest
{
    [TestCase(false)]
    [TestCase(true)]
    public async Task A_form_that_a_middleware_read_identifies_the_request(bool isBuffered)
    {
        await StartAsync(
            static app => app.MapPost("/form", ([FromForm] string text) => text).DisableAntiforgery().RequireCredits(5),
            app => app.Use(async (context, next) =>
            {
                // This middleware reads the form before the endpoint runs, as the antiforgery middleware does.
                if (isBuffered)
                {
                    context.Request.EnableBuffering();
                }

                if (context.Request.HasFormContentType)
                {
                    await context.Request.ReadFormAsync();
                }

                await next(context);
            }));
        using var client = await Host.SignInAsync("ann");

        using var one = await client.SendAsync(Form("one"));
        using var two = await client.SendAsync(Form("two"));
        using var repeat = await client.SendAsync(Form("one"));

        (await one.Content.ReadAsStringAsync()).Should().Be("one");
        two.StatusCode.Should().Be(HttpStatusCode.UnprocessableEntity);
        (await repeat.Content.ReadAsStringAsync()).Should().Be("one");

        static HttpRequestMessage Form(string text) => new(HttpMethod.Post, "/form")
        {
            Content = new FormUrlEncodedContent([new("text", text)]),
            Headers = { { "Idempotency-Key", "key-1" } },
        };
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task A_repeat_with_a_new_antiforgery_token_is_replayed(bool isMultipart)
    {
        await StartAsync(
            static app =>
            {
                app.MapGet(
                    "/token",
                    static (HttpContext context, IAntiforgery antiforgery) => antiforgery.GetAndStoreTokens(context).RequestToken)
                    .RequireAuthorization();
                app.MapPost("/form", static ([FromForm] string text) => text).RequireCredits(5);
            },
            static app => app.UseRouting().UseAuthentication().UseAuthorization().UseAntiforgery(),
            static (builder, _) => builder.Services.AddAntiforgery());
        using var client = await Host.SignInAsync("ann");

        using var one = await SendAsync("one", await TokenAsync());
        using var repeat = await SendAsync("one", await TokenAsync());
        using var two = await SendAsync("two", await TokenAsync());
        using var forged = await SendAsync("one", ("forged", "none=1"), "key-2");

        (await one.Content.ReadAsStringAsync()).Should().Be("one");
        (await repeat.Content.ReadAsStringAsync()).Should().Be("one");
        repeat.Headers.Should().ContainKey("Idempotency-Replayed");
        two.StatusCode.Should().Be(HttpStatusCode.UnprocessableEntity);
        forged.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await CodeAsync(forged)).Should().Be("invalid_antiforgery_token");
        (await FieldHost.BalanceAsync(client)).Should().Be((95, 0));

        async Task<(string Token, string Cookie)> TokenAsync()
        {
            using var response = await client.GetAsync("/token");
            return (await response.Content.ReadAsStringAsync(), response.Headers.GetValues("Set-Cookie").Single().Split(';')[0]);
        }

        async Task<HttpResponseMessage> SendAsync(string text, (string Token, string Cookie) antiforgery, string key = "key-1")
        {
            KeyValuePair<string, string>[] fields = [new("text", text), new("__RequestVerificationToken", antiforgery.Token)];
            var multipart = new MultipartFormDataContent();
            foreach (var (name, value) in fields)
            {
                multipart.Add(new StringContent(value), name);
            }

            using var request = new HttpRequestMessage(HttpMethod.Post, "/form")
            {
                Content = isMultipart ? multipart : new FormUrlEncodedContent(fields),
                Headers = { { "Idempotency-Key", key }, { "Cookie", antiforgery.Cookie } },
            };
            return await client.SendAsync(request);
        }
    }

    [Test]
    public async Task A_multipart_request_is_identified_by_its_parts()
    {
        await StartAsync(static app => app.MapPost("/upload", async ([FromForm] string title, IFormFile file) =>
        {
            using var reader = new StreamReader(file.OpenReadStream());
            return $"{title}: {await reader.ReadToEndAsync()}";
        }).DisableAntiforgery().RequireCredits(5));
        using var client = await Host.SignInAsync("ann");

        using var first = await client.SendAsync(Upload("song", "la", "boundary-1"));
        using var repeat = await client.SendAsync(Upload("song", "la", "boundary-2"));
        using var otherField = await client.SendAsync(Upload("sing", "la", "boundary-3"));
        using var otherFile = await client.SendAsync(Upload("song", "li", "boundary-4"));

        (await first.Content.ReadAsStringAsync()).Should().Be("song: la");
        (await repeat.Content.ReadAsStringAsync()).Should().Be("song: la");
        otherField.StatusCode.Should().Be(HttpStatusCode.UnprocessableEntity);
        otherFile.StatusCode.Should().Be(HttpStatusCode.UnprocessableEntity);
        (await FieldHost.BalanceAsync(client)).Should().Be((95, 0));
    }

    [Test]
    public async Task A_multipart_body_can_be_read_by_the_handler_itself()
    {
        await StartAsync(static app => app.MapPost("/raw", async (HttpContext context) =>
        {
            using var reader = new StreamReader(context.Request.Body);
            return (await reader.ReadToEndAsync()).Contains("boundary-1", StringComparison.Ordinal);
        }).RequireCredits(5));
        using var client = await Host.SignInAsync("ann");
        using var request = Upload("song", "la", "boundary-1");
        request.RequestUri = new Uri("/raw", UriKind.Relative);

        using var response = await client.SendAsync(request);

        (await response.Content.ReadAsStringAsync()).Should().Be("true");
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task A_body_that_was_read_before_is_refused(bool isChunked)
    {
        await StartAsync(
            static app => app.MapPost("/paid", static () => "paid").RequireCredits(5),
            static app => app.Use(static async (context, next) =>
            {
                await context.Request.Body.CopyToAsync(Stream.Null);
                await next(context);
            }));
        using var client = await Host.SignInAsync("ann");
        using var request = FieldHost.Paid("/paid", "key-1", "{\"text\":\"one\"}");
        request.Headers.TransferEncodingChunked = isChunked;

        using var response = await client.SendAsync(request);

        response.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        (await CodeAsync(response)).Should().Be("body_consumed");
        (await FieldHost.BalanceAsync(client)).Should().Be((100, 0));
    }

    [Test]
    public async Task A_body_that_a_middleware_buffered_and_read_is_rewound()
    {
        await StartAsync(
            static app => app.MapPost("/paid", async (HttpContext context) =>
            {
                using var reader = new StreamReader(context.Request.Body);
                return await reader.ReadToEndAsync();
            }).RequireCredits(5),
            static app => app.Use(static async (context, next) =>
            {
                context.Request.EnableBuffering();
                await context.Request.Body.CopyToAsync(Stream.Null);
                await next(context);
            }));
        using var client = await Host.SignInAsync("ann");

        using var one = await client.SendAsync(FieldHost.Paid("/paid", "key-1", "one"));
        using var two = await client.SendAsync(FieldHost.Paid("/paid", "key-1", "two"));

        (await one.Content.ReadAsStringAsync()).Should().Be("one");
        two.StatusCode.Should().Be(HttpStatusCode.UnprocessableEntity);
    }

    [Test]
    public async Task A_post_without_a_body_is_paid()
    {
        await StartAsync(static app => app.MapPost("/paid", static () => "paid").RequireCredits(5));
        using var client = await Host.SignInAsync("ann");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/paid") { Headers = { { "Idempotency-Key", "key-1" } } };

        using var response = await client.SendAsync(request);

        response.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Test]
    public async Task A_body_that_cannot_be_buffered_is_503()
    {
        await StartAsync(
            static app => app.MapPost("/paid", static () => "paid").RequireCredits(5),
            static app => app.Use(static async (context, next) =>
            {
                if (context.Request.Path == "/paid")
                {
                    context.Request.Body = new FullDiskStream();
                }

                await next(context);
            }));
        using var client = await Host.SignInAsync("ann");

        using var response = await client.SendAsync(FieldHost.Paid("/paid", "key-1"));

        response.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        (await CodeAsync(response)).Should().Be("busy");
        (await FieldHost.BalanceAsync(client)).Should().Be((100, 0));
    }

    private static HttpRequestMessage Upload(string title, string content, string boundary) => new(HttpMethod.Post, "/upload")
    {
        Content = new MultipartFormDataContent(boundary)
        {
            { new StringContent(title), "title" },
            { new StringContent(content), "file", "file.txt" },
        },
        Headers = { { "Idempotency-Key", "key-1" } },
    };
}
