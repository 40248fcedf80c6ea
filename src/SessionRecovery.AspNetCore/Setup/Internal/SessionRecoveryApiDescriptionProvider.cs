using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using SessionRecovery.AspNetCore.Credits.Internal;
using SessionRecovery.AspNetCore.Http.Internal;

namespace SessionRecovery.AspNetCore.Setup.Internal;

/// <summary>
/// Completes the OpenAPI description. The provider adds the <c>Idempotency-Key</c> header and the price to paid endpoints, and adds the
/// request bodies that the handlers of SessionRecovery endpoints do not declare. The provider removes the HEAD operations of
/// SessionRecovery endpoints, because a HEAD operation has the same name as the GET operation of its endpoint.
/// </summary>
internal sealed class SessionRecoveryApiDescriptionProvider : IApiDescriptionProvider
{
    private static readonly EmptyModelMetadataProvider Metadata = new();

    // With this order, the provider runs after the providers of ASP.NET Core, which have the orders -1100 and -1000.
    public int Order => 0;

    public void OnProvidersExecuting(ApiDescriptionProviderContext context)
    {
        for (var index = context.Results.Count - 1; index >= 0; index--)
        {
            var description = context.Results[index];
            var metadata = description.ActionDescriptor.EndpointMetadata ?? [];
            if (PaidEndpoint.GetPrices(metadata).FirstOrDefault() is { } price)
            {
                AddIdempotencyKey(description);
                AddPrice(description, price);
                AddProblems(description, price);
            }
            else if (metadata.OfType<RequestBodyMetadata>().FirstOrDefault() is { } body)
            {
                AddRequestBody(description, body);
            }
            else if (metadata.OfType<SessionEndpoint>().Any() && description.HttpMethod is { } method && HttpMethods.IsHead(method))
            {
                context.Results.RemoveAt(index);
            }
        }
    }

    public void OnProvidersExecuted(ApiDescriptionProviderContext context)
    {
        // The method does nothing, because OnProvidersExecuting has already completed the descriptions.
    }

    private static void AddRequestBody(ApiDescription description, RequestBodyMetadata body)
    {
        description.SupportedRequestFormats.Add(new ApiRequestFormat { MediaType = body.MediaType });
        description.ParameterDescriptions.Add(new ApiParameterDescription
        {
            Name = body.FormField ?? "body",
            Source = body.FormField is null ? BindingSource.Body : BindingSource.FormFile,
            Type = body.Type,
            ModelMetadata = Metadata.GetMetadataForType(body.Type),
            ParameterDescriptor = new ParameterDescriptor { Name = body.FormField ?? "body", ParameterType = body.Type },
            IsRequired = body.FormField is not null,
        });
    }

    // The sentence about the price is appended to the host's own description. Several API descriptions may share one action, so the
    // sentence may already be there.
    private static void AddPrice(ApiDescription description, PaidEndpointMetadata price)
    {
        var metadata = description.ActionDescriptor.EndpointMetadata;
        var own = metadata.OfType<IEndpointDescriptionMetadata>().LastOrDefault()?.Description;
        if (price.PriceDescription is { } text && own?.EndsWith(text, StringComparison.Ordinal) != true)
        {
            var complete = string.IsNullOrEmpty(own) ? text : $"{own}\n\n{text}";
            description.ActionDescriptor.EndpointMetadata = [.. metadata, new EndpointDescriptionAttribute(complete)];
        }
    }

    // A call of RequireCredits has already added the problems to the metadata of the endpoint. An attribute cannot add metadata, so the
    // problems are added here.
    private static void AddProblems(ApiDescription description, PaidEndpointMetadata price)
    {
        if (!price.IsAttribute)
        {
            return;
        }

        foreach (var (status, text) in EndpointDescription.DescribeProblems(price.Problems))
        {
            description.SupportedResponseTypes.Add(new ApiResponseType
            {
                StatusCode = status,
                Type = typeof(Problem),
                Description = text,
                ModelMetadata = Metadata.GetMetadataForType(typeof(Problem)),
                ApiResponseFormats = [new ApiResponseFormat { MediaType = "application/problem+json" }],
            });
        }
    }

    private static void AddIdempotencyKey(ApiDescription description)
    {
        if (description.ParameterDescriptions.Any(static parameter => parameter.Name == HeaderNames.IdempotencyKey))
        {
            return;
        }

        description.ParameterDescriptions.Add(new ApiParameterDescription
        {
            Name = HeaderNames.IdempotencyKey,
            Source = BindingSource.Header,
            Type = typeof(string),
            ModelMetadata = Metadata.GetMetadataForType(typeof(string)),
            IsRequired = true,
        });
    }
}
